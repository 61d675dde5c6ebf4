package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.replication.Backlog;
import io.github.litestream4j.replication.ReplicationObserver;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.replication.RestoredState;
import io.github.litestream4j.restore.RestoreListener;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.RestoreStatus;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.restore.legacy.LegacyTakeover;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database from the start of its application to its end. Opening it takes a lock
 * against a second session, restores the file when it is missing, and leaves the
 * replicator ready to start; nothing may open the file before. Its methods may be called
 * by any thread.
 */
public final class DatabaseSession {

	private static final Logger logger = LoggerFactory.getLogger(DatabaseSession.class);

	/** The replicas that sessions of this process write, and the database of each. */
	private static final Map<String, Path> REPLICAS = new HashMap<>();

	private final Replicator replicator;

	private final @Nullable RestoreResult restored;

	private final SessionLock lock;

	private final String replica;

	private boolean closed;

	private DatabaseSession(Replicator replicator, @Nullable RestoreResult restored, SessionLock lock, String replica) {
		this.replicator = replicator;
		this.restored = restored;
		this.lock = lock;
		this.replica = replica;
	}

	/**
	 * Lock, restore, open.
	 * @param settings the database
	 * @param restore what to do when the file is missing
	 * @param storage the replica
	 * @return the session, to be closed after the application's last connection
	 * @throws ConfigurationException when the database cannot be replicated there
	 * @throws LitestreamException when the replica cannot be listed, or not be restored
	 */
	public static DatabaseSession open(ReplicatorSettings settings, RestoreSettings restore, ReplicaStorage storage) {
		return open(settings, restore, storage, ReplicationObserver.NONE);
	}

	/**
	 * Lock, restore, open, and tell somebody of all that is done from here on.
	 * @param settings the database
	 * @param restore what to do when the file is missing
	 * @param storage the replica
	 * @param observer is told
	 * @return the session, to be closed after the application's last connection
	 * @throws ConfigurationException when the database cannot be replicated there
	 * @throws LitestreamException when the replica cannot be listed, or not be restored
	 */
	public static DatabaseSession open(ReplicatorSettings settings, RestoreSettings restore, ReplicaStorage storage,
			ReplicationObserver observer) {
		// Before the first file of ours is made
		Replicator.requireReplicable(settings, storage);
		String replica = claim(storage.url(), settings);
		SessionLock lock = null;
		try {
			lock = SessionLock.take(settings.stagingDirectory(), settings.database());
			boolean first = isFirst(settings);
			RestoreResult restored = restoreIfMissing(settings, restore, storage);
			if (restored == null && first) {
				LegacyTakeover.storeAtFirstStart(storage);
			}
			if (restored != null) {
				ReplicationObserver.guarded(observer).done(Activity.RESTORE, restored.took());
			}
			Replicator replicator = Replicator.open(settings, storage, state(restored), observer);
			return new DatabaseSession(replicator, restored, lock, replica);
		}
		catch (RuntimeException ex) {
			release(replica);
			if (lock != null) {
				try {
					lock.close();
				}
				catch (IOException close) {
					ex.addSuppressed(close);
				}
			}
			throw ex;
		}
	}

	private static String claim(String replica, ReplicatorSettings settings) {
		Path database = settings.database();
		synchronized (REPLICAS) {
			Path other = REPLICAS.putIfAbsent(replica, database);
			if (database.equals(other)) {
				throw SessionLock.taken(database, settings.stagingDirectory());
			}
			if (other != null) {
				throw new ConfigurationException(
						"The databases %s and %s would both be stored in %s. Give each a place of its own: put {database} into litestream.replica.url, or set litestream.databases.<name>.replica.url."
							.formatted(other, database, replica));
			}
		}
		return replica;
	}

	private static void release(String replica) {
		synchronized (REPLICAS) {
			REPLICAS.remove(replica);
		}
	}

	private static @Nullable RestoreResult restoreIfMissing(ReplicatorSettings settings, RestoreSettings restore,
			ReplicaStorage storage) {
		boolean missing = isMissing(settings.database());
		boolean chosen = restore.txid() != null || restore.timestamp() != null;
		if (!missing || !restore.ifMissing()) {
			if (chosen) {
				logger.warn("{}: the TXID or time to restore is not looked at, since {}", settings.name(),
						missing ? "restore.on-startup is 'never'" : settings.database() + " exists");
			}
			return null;
		}
		// What the last process could not store any more: the file is lost, this is not
		Backlog.store(settings, storage);
		RestoreRequest request = new RestoreRequest(settings.database(), restore.txid(), restore.timestamp(),
				restore.integrityCheck(), restore.parallelism());
		Optional<RestoreResult> restored = new Restorer(storage, new Takeover(storage)).restore(request);
		if (restored.isEmpty() && chosen) {
			throw new ConfigurationException(
					"A TXID or time to restore is set, but the replica %s is empty. Correct litestream.replica.url, or remove litestream.restore.txid and litestream.restore.timestamp."
						.formatted(storage.url()));
		}
		return restored.orElse(null);
	}

	private static @Nullable RestoredState state(@Nullable RestoreResult restored) {
		if (restored == null) {
			return null;
		}
		return (restored.takeover() != null) ? RestoredState.ELSEWHERE
				: new RestoredState(restored.txid(), restored.checksum());
	}

	/**
	 * Whether no history has ever gone on from this staging folder. That it exists does
	 * not tell: a first start may have been killed.
	 */
	private static boolean isFirst(ReplicatorSettings settings) {
		Path position = settings.stagingDirectory().resolve("position");
		try {
			return Files.notExists(position) || Files.size(position) == 0;
		}
		catch (IOException ex) {
			throw new ConfigurationException("The file %s cannot be read: %s".formatted(position, ex), ex);
		}
	}

	private static boolean isMissing(Path database) {
		try {
			return Files.notExists(database) || Files.size(database) == 0;
		}
		catch (IOException ex) {
			throw new ConfigurationException("The database file %s cannot be read: %s".formatted(database, ex), ex);
		}
	}

	public Replicator replicator() {
		return this.replicator;
	}

	/**
	 * What was restored at the start.
	 * @return empty when nothing was
	 */
	public Optional<RestoreResult> restored() {
		return Optional.ofNullable(this.restored);
	}

	/**
	 * Close the replicator and release the lock. Does nothing when already closed, and
	 * answers what the first close did.
	 * @param timeout how long the last sync may take
	 * @return whether all was stored
	 */
	public synchronized boolean close(Duration timeout) {
		if (this.closed) {
			return this.replicator.close(timeout);
		}
		this.closed = true;
		try {
			return this.replicator.close(timeout);
		}
		finally {
			release(this.replica);
			try {
				this.lock.close();
			}
			catch (IOException ex) {
				logger.warn("cannot release the lock of {}: {}", this.replica, ex.toString());
			}
		}
	}

	/**
	 * Notes in the replica that its files of Litestream 0.3 are history from now on.
	 *
	 * @param storage the replica
	 */
	private record Takeover(ReplicaStorage storage) implements RestoreListener {

		@Override
		public void progress(RestoreStatus status) {
			// A start that restores says so in the log
		}

		@Override
		public void takesOver(LegacyTakeover takeover) {
			takeover.store(this.storage);
		}

	}

}
