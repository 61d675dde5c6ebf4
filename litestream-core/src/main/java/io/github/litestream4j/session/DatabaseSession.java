package io.github.litestream4j.session;

import java.time.Duration;
import java.util.Optional;

import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * One database from the start of its application to its end. Opening it takes a lock
 * against a second session, restores the file when it is missing, and leaves the
 * replicator ready to start; nothing may open the file before.
 */
public final class DatabaseSession {

	private DatabaseSession() {
	}

	/**
	 * Lock, restore, open.
	 * @param settings the database
	 * @param restore what to do when the file is missing
	 * @param storage the replica
	 * @return the session, to be closed after the application's last connection
	 */
	public static DatabaseSession open(ReplicatorSettings settings, RestoreSettings restore, ReplicaStorage storage) {
		throw new UnsupportedOperationException();
	}

	public Replicator replicator() {
		throw new UnsupportedOperationException();
	}

	/**
	 * What was restored at the start.
	 * @return empty when nothing was
	 */
	public Optional<RestoreResult> restored() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Close the replicator and release the lock. Does nothing when already closed.
	 * @param timeout how long the last sync may take
	 * @return whether all was stored
	 */
	public boolean close(Duration timeout) {
		throw new UnsupportedOperationException();
	}

}
