package io.github.litestream4j.replication;

import java.time.Duration;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Copies one database into its replica, commit by commit.
 */
public final class Replicator implements AutoCloseable {

	private Replicator() {
	}

	/**
	 * Open the database, and find out where its history goes on. Starts no thread.
	 * @param settings what to replicate
	 * @param storage where to
	 * @return the replicator
	 */
	public static Replicator open(ReplicatorSettings settings, ReplicaStorage storage) {
		throw new UnsupportedOperationException();
	}

	/** Begin to capture and to store. Does nothing when already started. */
	public void start() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Store everything that was committed before this call.
	 * @param timeout how long to wait
	 * @return the last transaction stored
	 */
	public Txid sync(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	/**
	 * Store everything that was committed before this call, as far as the time allows,
	 * and stop all threads. {@link #start()} goes on.
	 * @param timeout how long to wait
	 * @return whether all was stored
	 */
	public boolean stop(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	/**
	 * To be called by a commit listener of any connection of this process, just before
	 * the frames of a commit are written. Returns at once.
	 */
	public void commitBegins() {
		throw new UnsupportedOperationException();
	}

	public ReplicationStatus status() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Stop, with a short last sync, and close every connection: to be called after the
	 * application's own connections are closed.
	 * @param timeout how long the last sync may take
	 * @return whether all was stored
	 */
	public boolean close(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() {
		close(Duration.ofSeconds(5));
	}

}
