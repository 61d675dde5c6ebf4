package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls the sample application as its users do.
 */
final class NotesClient {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

	private final JsonMapper json = new JsonMapper();

	private final URI base;

	NotesClient(int port) {
		this.base = URI.create("http://127.0.0.1:" + port);
	}

	String url(String path) {
		return this.base.resolve(path).toString();
	}

	Answer add(String text) {
		return post("/notes", this.json.writeValueAsString(Map.of("text", text)));
	}

	Answer post(String path, String body) {
		return call(request(path).header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(body)));
	}

	Answer get(String path) {
		return call(request(path).GET());
	}

	Answer call(String method, String path) {
		return call(request(path).method(method, HttpRequest.BodyPublishers.noBody()));
	}

	Answer delete(long id) {
		return call(request("/notes/" + id).DELETE());
	}

	long count() {
		return get("/notes/count").json().get("count").asLong();
	}

	/**
	 * All that was written is stored a moment later: two seconds, unless the machine is
	 * busy with other tests too.
	 * @return what the actuator says then
	 */
	JsonNode awaitStored() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.pollInterval(Duration.ofMillis(50))
			.until(() -> get("/actuator/litestream/dataSource").json(), (status) -> {
				JsonNode lag = status.get("lag");
				return lag.get("transactions").asLong() == 0 && lag.get("seconds").asDouble() == 0;
			});
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(this.base.resolve(path)).timeout(TIMEOUT);
	}

	private Answer call(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.http.send(request.build(), BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.body(), this.json);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What the application answered.
	 *
	 * @param status the HTTP status
	 * @param body the body
	 * @param mapper reads it
	 */
	record Answer(int status, String body, JsonMapper mapper) {

		JsonNode json() {
			return this.mapper.readTree(this.body);
		}

	}

}
