package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * An HTTP server on a free port of the loopback interface, with a thread for each request
 * that is under way.
 */
public final class LoopbackServer implements AutoCloseable {

	static {
		// Or each answer waits 40 ms for an acknowledgement
		System.setProperty("sun.net.httpserver.nodelay", "true");
	}

	private final HttpServer server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	/**
	 * Start it.
	 * @param handler answers each request
	 */
	public LoopbackServer(Handler handler) {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/", (exchange) -> handle(exchange, handler));
		this.server.start();
	}

	private static void handle(HttpExchange exchange, Handler handler) throws IOException {
		try (exchange) {
			handler.handle(exchange);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	public URI endpoint() {
		return URI.create("http://127.0.0.1:" + this.server.getAddress().getPort());
	}

	/**
	 * Stop it, and interrupt what has not been answered yet.
	 */
	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

	/**
	 * Answers a request, which is closed afterwards.
	 */
	@FunctionalInterface
	public interface Handler {

		void handle(HttpExchange exchange) throws IOException, InterruptedException;

	}

}
