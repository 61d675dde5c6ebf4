package io.github.litestream4j.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between an application and its S3 server, on the loopback interface, and lets
 * happen to the requests what is drawn for them.
 */
final class FaultProxy implements AutoCloseable {

	private final ServerSocket server;

	private final URI store;

	private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

	/** The first answer of a while ago to each listing. */
	private final Map<String, HttpMessage> listings = new ConcurrentHashMap<>();

	private volatile Faults faults = Faults.none();

	private FaultProxy(ServerSocket server, URI store) {
		this.server = server;
		this.store = store;
	}

	static FaultProxy before(URI store) {
		try {
			FaultProxy proxy = new FaultProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), store);
			Thread thread = new Thread(proxy::accept, "proxy");
			thread.setDaemon(true);
			thread.start();
			return proxy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	URI endpoint() {
		return URI.create("http://127.0.0.1:" + this.server.getLocalPort());
	}

	/**
	 * Let things happen.
	 */
	void inject(Faults faults) {
		this.listings.clear();
		this.faults = faults;
	}

	Faults faults() {
		return this.faults;
	}

	Map<String, HttpMessage> listings() {
		return this.listings;
	}

	/**
	 * The application is dead: end its connections, and wait until the store has done
	 * what it was asked for.
	 */
	void drop() {
		for (ProxiedConnection connection : this.connections) {
			connection.drop();
		}
	}

	private void accept() {
		while (!this.server.isClosed()) {
			try {
				Socket client = this.server.accept();
				ProxiedConnection connection = new ProxiedConnection(client, this.store, this, this.connections);
				this.connections.add(connection);
				connection.start();
			}
			catch (IOException ex) {
				if (!this.server.isClosed()) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	@Override
	public void close() {
		drop();
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
