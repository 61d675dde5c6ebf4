package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import io.github.litestream4j.testsupport.LoopbackServer;

/**
 * An HTTP server that records each request and answers as it is told.
 */
final class ScriptedS3 implements AutoCloseable {

	private final LoopbackServer server = new LoopbackServer(this::handle);

	private final List<Request> requests = new CopyOnWriteArrayList<>();

	private final List<Rule> rules = new ArrayList<>();

	private final CountDownLatch closed = new CountDownLatch(1);

	URI endpoint() {
		return this.server.endpoint();
	}

	/**
	 * Answer requests of a method whose URI contains a text: the answers in turn, the
	 * last one again and again.
	 */
	ScriptedS3 on(String method, String part, Answer... answers) {
		synchronized (this.rules) {
			this.rules.add(new Rule(method, part, new ArrayList<>(List.of(answers))));
		}
		return this;
	}

	List<Request> requests() {
		return this.requests;
	}

	List<Request> requests(String method, String part) {
		return this.requests.stream()
			.filter((request) -> request.method().equals(method) && request.uri().contains(part))
			.toList();
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.close();
	}

	private void handle(HttpExchange exchange) throws IOException, InterruptedException {
		Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(",", values)));
		byte[] body;
		try (InputStream in = exchange.getRequestBody()) {
			body = in.readAllBytes();
		}
		Request request = new Request(exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
		this.requests.add(request);
		answer(request).to(exchange);
	}

	private Answer answer(Request request) {
		synchronized (this.rules) {
			for (Rule rule : this.rules) {
				if (rule.method().equals(request.method()) && request.uri().contains(rule.part())) {
					return (rule.answers().size() > 1) ? rule.answers().remove(0) : rule.answers().get(0);
				}
			}
		}
		throw new IllegalStateException("no answer to " + request.method() + " " + request.uri());
	}

	static Answer status(int status) {
		return (exchange) -> exchange.sendResponseHeaders(status, -1);
	}

	static Answer error(int status, String code) {
		return xml(status, "<Error><Code>" + code + "</Code><Message>as told</Message></Error>");
	}

	static Answer xml(int status, String body) {
		return (exchange) -> {
			byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().add("Content-Type", "application/xml");
			exchange.sendResponseHeaders(status, bytes.length);
			exchange.getResponseBody().write(bytes);
		};
	}

	static Answer stored() {
		return (exchange) -> {
			exchange.getResponseHeaders().add("ETag", "\"tag\"");
			exchange.sendResponseHeaders(200, -1);
		};
	}

	/**
	 * A part of an object, perhaps with fewer bytes than it announces.
	 */
	static Answer range(long offset, int announced, int sent) {
		return (exchange) -> {
			exchange.getResponseHeaders()
				.add("Content-Range", "bytes " + offset + "-" + (offset + announced - 1) + "/1000");
			exchange.sendResponseHeaders(206, announced);
			exchange.getResponseBody().write(new byte[sent]);
			exchange.getResponseBody().flush();
		};
	}

	static Answer listing(boolean truncated, String more, String... keys) {
		return xml(200, "<ListBucketResult><Name>bucket</Name><IsTruncated>" + truncated + "</IsTruncated>" + more
				+ List.of(keys)
					.stream()
					.map((key) -> "<Contents><Key>" + key
							+ "</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>5</Size></Contents>")
					.collect(Collectors.joining())
				+ "</ListBucketResult>");
	}

	/**
	 * No answer as long as the server runs.
	 */
	Answer silence() {
		return (exchange) -> this.closed.await();
	}

	/**
	 * What to do with a request.
	 */
	@FunctionalInterface
	interface Answer {

		void to(HttpExchange exchange) throws IOException, InterruptedException;

	}

	record Request(String method, String uri, Map<String, String> headers, byte[] body) {

	}

	private record Rule(String method, String part, List<Answer> answers) {

	}

}
