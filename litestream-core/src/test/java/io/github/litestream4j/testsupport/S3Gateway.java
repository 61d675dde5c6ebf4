package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;

/**
 * Stands before an S3 server that takes any credentials, and refuses requests in its
 * place.
 */
public final class S3Gateway implements AutoCloseable {

	private static final Set<String> NOT_PASSED_ON = Set.of("host", "connection", "content-length", "expect",
			"transfer-encoding", "upgrade");

	private final LoopbackServer server = new LoopbackServer(this::handle);

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final URI behind;

	private final AtomicInteger refused = new AtomicInteger();

	private volatile Function<Request, Optional<Refusal>> rule = (request) -> Optional.empty();

	public S3Gateway(URI behind) {
		this.behind = behind;
	}

	public URI endpoint() {
		return this.server.endpoint();
	}

	/**
	 * Refuse what a rule says; everything else is passed on.
	 */
	public void refuse(Function<Request, Optional<Refusal>> rule) {
		this.rule = rule;
	}

	/** Pass everything on. */
	public void heal() {
		this.rule = (request) -> Optional.empty();
	}

	/**
	 * How many requests were refused.
	 */
	public int refused() {
		return this.refused.get();
	}

	@Override
	public void close() {
		this.server.close();
	}

	private void handle(HttpExchange exchange) throws IOException, InterruptedException {
		byte[] body = exchange.getRequestBody().readAllBytes();
		Optional<Refusal> refusal = this.rule
			.apply(new Request(exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders()));
		if (refusal.isPresent()) {
			this.refused.incrementAndGet();
			refusal.get().answer(exchange);
		}
		else {
			passOn(exchange, body);
		}
	}

	private void passOn(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
		URI uri = URI.create(this.behind + exchange.getRequestURI().toString());
		HttpRequest.Builder request = HttpRequest.newBuilder(uri)
			.method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
		exchange.getRequestHeaders().forEach((name, values) -> {
			if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
				values.forEach((value) -> request.header(name, value));
			}
		});
		HttpResponse<byte[]> answer = this.client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
		answer.headers().map().forEach((name, values) -> {
			if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
				exchange.getResponseHeaders().put(name, values);
			}
		});
		boolean head = exchange.getRequestMethod().equals("HEAD");
		if (head) {
			answer.headers()
				.firstValue("content-length")
				.ifPresent((length) -> exchange.getResponseHeaders().set("Content-Length", length));
		}
		exchange.sendResponseHeaders(answer.statusCode(),
				(head || answer.body().length == 0) ? -1 : answer.body().length);
		if (!head && answer.body().length > 0) {
			exchange.getResponseBody().write(answer.body());
		}
	}

	/**
	 * What is asked for.
	 *
	 * @param method the HTTP method
	 * @param uri path and query
	 * @param headers the headers
	 */
	public record Request(String method, URI uri, Headers headers) {

		/**
		 * Whether it is signed with an access key.
		 */
		public boolean isSignedWith(String accessKey) {
			return String.valueOf(this.headers.getFirst("Authorization")).contains("Credential=" + accessKey + "/");
		}

		/**
		 * Whether it asks for a listing.
		 */
		public boolean isListing() {
			return this.method.equals("GET") && String.valueOf(this.uri.getQuery()).contains("list-type=2");
		}

	}

	/**
	 * An S3 error.
	 *
	 * @param status the HTTP status
	 * @param code the store's name for it
	 */
	public record Refusal(int status, String code) {

		private void answer(HttpExchange exchange) throws IOException {
			byte[] body = "<Error><Code>%s</Code><Message>on demand</Message></Error>".formatted(this.code)
				.getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", "application/xml");
			boolean head = exchange.getRequestMethod().equals("HEAD");
			exchange.sendResponseHeaders(this.status, head ? -1 : body.length);
			if (!head) {
				exchange.getResponseBody().write(body);
			}
		}

	}

}
