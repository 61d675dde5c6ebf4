package io.github.litestream4j.torture;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * One connection of the application, and the one to the store that serves it.
 */
final class ProxiedConnection {

	private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

	private static final int LATENCY_MILLIS = 250;

	private final Socket client;

	private final URI store;

	private final FaultProxy proxy;

	private final Thread thread;

	private @Nullable Socket upstream;

	ProxiedConnection(Socket client, URI store, FaultProxy proxy, Set<ProxiedConnection> all) {
		this.client = client;
		this.store = store;
		this.proxy = proxy;
		this.thread = new Thread(() -> {
			serve();
			all.remove(this);
		}, "proxied");
		this.thread.setDaemon(true);
	}

	void start() {
		this.thread.start();
	}

	/** End it from the application's side, and wait for the store. */
	void drop() {
		close(this.client);
		try {
			this.thread.join(TimeUnit.SECONDS.toMillis(10));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (this.thread.isAlive()) {
			throw new IllegalStateException("a proxied connection does not end");
		}
	}

	private void serve() {
		try (Socket client = this.client) {
			InputStream in = new BufferedInputStream(client.getInputStream());
			OutputStream out = client.getOutputStream();
			HttpMessage request = read(in, out);
			while (request != null && exchange(request, in, out)) {
				request = read(in, out);
			}
		}
		catch (IOException ex) {
			// One of both is gone: so is the other
			close(this.client);
		}
		finally {
			if (this.upstream != null) {
				close(this.upstream);
			}
		}
	}

	private static @Nullable HttpMessage read(InputStream in, OutputStream out) throws IOException {
		String head = HttpMessage.readHead(in);
		if (head == null) {
			return null;
		}
		if (HttpMessage.header(head, "expect").isPresent()) {
			out.write(CONTINUE);
			out.flush();
			head = HttpMessage.without(head, "expect");
		}
		return new HttpMessage(head, HttpMessage.readBody(head, in));
	}

	/**
	 * Serve one request.
	 * @return whether another one may come
	 */
	private boolean exchange(HttpMessage request, InputStream in, OutputStream out) throws IOException {
		Faults faults = this.proxy.faults();
		FaultKind fault = faults.draw(request.isListing());
		if (fault == null) {
			return answer(out, forward(request));
		}
		switch (fault) {
			case LATENCY -> pause(faults.upTo(LATENCY_MILLIS));
			case TOO_MANY_REQUESTS -> {
				return answer(out, faults, fault, HttpMessage.error(429, "TooManyRequests"));
			}
			case INTERNAL_ERROR, LISTING_ERROR -> {
				return answer(out, faults, fault, HttpMessage.error(500, "InternalError"));
			}
			case UNAVAILABLE -> {
				return answer(out, faults, fault, HttpMessage.error(503, "SlowDown"));
			}
			case LOST_ANSWER -> {
				forward(request);
				return answer(out, faults, fault, HttpMessage.error(500, "InternalError"));
			}
			case RESET_IN_ANSWER -> {
				byte[] answer = forward(request).bytes();
				out.write(answer, 0, faults.upTo(answer.length));
				reset(faults, fault);
				return false;
			}
			case HALF_REQUEST -> {
				byte[] bytes = request.bytes();
				Socket upstream = upstream();
				int headLength = request.head().length();
				int sent = (request.body().length > 0) ? headLength + faults.upTo(request.body().length)
						: faults.upTo(headLength);
				upstream.getOutputStream().write(Arrays.copyOf(bytes, sent));
				upstream.close();
				this.upstream = null;
				reset(faults, fault);
				return false;
			}
			case STALL -> {
				faults.injected(fault);
				// Until the client has had enough
				while (in.read() >= 0) {
					this.client.setSoTimeout(60_000);
				}
				return false;
			}
			case STALE_LISTING -> {
				HttpMessage now = forward(request);
				HttpMessage before = this.proxy.listings().putIfAbsent(request.firstLine(), now);
				if (before != null && !Arrays.equals(before.body(), now.body())) {
					return answer(out, faults, fault, before);
				}
				return answer(out, now);
			}
		}
		faults.injected(fault);
		return answer(out, forward(request));
	}

	private static boolean answer(OutputStream out, Faults faults, FaultKind fault, HttpMessage answer)
			throws IOException {
		faults.injected(fault);
		return answer(out, answer);
	}

	private static boolean answer(OutputStream out, HttpMessage answer) throws IOException {
		out.write(answer.bytes());
		out.flush();
		return true;
	}

	private void reset(Faults faults, FaultKind fault) throws IOException {
		faults.injected(fault);
		this.client.setSoLinger(true, 0);
		this.client.close();
	}

	private HttpMessage forward(HttpMessage request) throws IOException {
		Socket upstream = upstream();
		upstream.getOutputStream().write(request.bytes());
		upstream.getOutputStream().flush();
		InputStream in = new BufferedInputStream(upstream.getInputStream());
		String head = HttpMessage.readHead(in);
		if (head == null) {
			throw new IOException("the store closed the connection");
		}
		String status = head.split(" ", 3)[1];
		boolean empty = request.head().startsWith("HEAD ") || status.equals("204") || status.equals("304");
		byte[] body = empty ? new byte[0] : HttpMessage.readBody(head, in);
		if (HttpMessage.header(head, "connection").map((value) -> value.equalsIgnoreCase("close")).orElse(false)) {
			close(upstream);
			this.upstream = null;
		}
		return new HttpMessage(head, body);
	}

	private Socket upstream() throws IOException {
		Socket upstream = this.upstream;
		if (upstream == null) {
			upstream = new Socket(this.store.getHost(), this.store.getPort());
			upstream.setTcpNoDelay(true);
			this.client.setTcpNoDelay(true);
			this.upstream = upstream;
		}
		return upstream;
	}

	private static void pause(int millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new IllegalStateException("a socket that cannot be closed", ex);
		}
	}

}
