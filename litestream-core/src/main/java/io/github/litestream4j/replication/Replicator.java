package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.database.NewDatabase;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.LiveState;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * Copies one database into its replica, commit by commit. Its methods may be called by
 * any thread.
 */
public final class Replicator implements AutoCloseable {

	private static final Duration DEFAULT_CLOSE = Duration.ofSeconds(5);

	private final ReplicatorParts parts;

	private final Running running;

	private final Object closing = new Object();

	private Replicator(ReplicatorParts parts) {
		this.parts = parts;
		this.running = new Running(parts);
	}

	/**
	 * Open a database that was not restored just now, see
	 * {@link #open(ReplicatorSettings, ReplicaStorage, RestoredState, ReplicationObserver)}.
	 * @param settings what to replicate
	 * @param storage where to
	 * @return the replicator
	 */
	public static Replicator open(ReplicatorSettings settings, ReplicaStorage storage) {
		return open(settings, storage, null, ReplicationObserver.NONE);
	}

	/**
	 * Open the database, make it when there is none, and find out where its history goes
	 * on. From here on nobody can restart its WAL. Starts no thread.
	 * @param settings what to replicate
	 * @param storage where to
	 * @param restored what the file was restored to just now, before anything opened it,
	 * or {@code null} when it was not
	 * @param observer is told what is done
	 * @return the replicator, to be closed after the application's last connection
	 * @throws ConfigurationException when the database cannot be replicated there
	 * @throws StorageUnavailableException when the replica cannot be listed
	 */
	public static Replicator open(ReplicatorSettings settings, ReplicaStorage storage, @Nullable RestoredState restored,
			ReplicationObserver observer) {
		LogEnd.Moment listed = LogEnd.Time.SYSTEM.now();
		Prerequisites.Found found = Prerequisites.check(settings, storage, restored != null);
		ReplicaHistory history = found.history();
		NewDatabase newDatabase = NewDatabase.at(settings.database());
		LiveDatabase database = null;
		PositionFile positionFile = null;
		PageChecksums checksums = null;
		try {
			Staging staging = new Staging(settings.stagingDirectory());
			positionFile = new PositionFile(settings.stagingDirectory().resolve("position"));
			checksums = new PageChecksums(settings.stagingDirectory());
			database = LiveDatabase.open(new DatabaseSettings(settings.database(), settings.jdbcUrl(),
					settings.connectionProperties(), settings.busyTimeout()));
			Optional<LtxHeader> newest = Prerequisites.requireSamePageSize(settings, storage, history,
					database.pageSize());
			ReplicatorParts parts = new ReplicatorParts(settings, storage, history, listed, database, staging,
					positionFile, checksums, observer);
			newest.ifPresent((file) -> parts.capture.notBefore(Instant.ofEpochMilli(file.timestamp())));
			new Opening(settings, storage, database, staging, parts.capture, parts.uploader, parts.pinnedWork,
					parts.generations, positionFile)
				.begin(found, restored, newest.filter(NewHistory::isClaim).isPresent());
			return new Replicator(parts);
		}
		catch (IOException | RuntimeException ex) {
			LitestreamException failure = Prerequisites.notOpened(settings, ex);
			Closing.after(failure, database, positionFile, checksums);
			Closing.after(failure, newDatabase::removeIfUnused);
			throw failure;
		}
	}

	/**
	 * Find out whether the database can be replicated there, and neither make nor alter a
	 * file.
	 * @param settings what to replicate
	 * @param storage where to
	 * @throws ConfigurationException when it cannot
	 * @throws StorageUnavailableException when the replica cannot be listed
	 */
	public static void requireReplicable(ReplicatorSettings settings, ReplicaStorage storage) {
		Prerequisites.checkBeforeRestore(settings, storage);
	}

	/**
	 * The generations of which the replica has a file, in order. Asks the storage.
	 * @return the generations, the one that is being written last
	 * @throws StorageUnavailableException when the replica cannot be listed or read
	 * @throws CorruptDataException when a record is damaged
	 */
	public List<Generation> generations() {
		return this.parts.generations.all(ReplicaHistory.of(this.parts.storage));
	}

	/**
	 * What the replica holds, as far as this process knows without asking the storage.
	 * Costs nothing.
	 * @return the contents
	 */
	public ReplicaContents contents() {
		return this.parts.generations.contents(this.parts.progress.index().all(), this.parts.progress.replicated());
	}

	/**
	 * What the replica holds. Asks the storage.
	 * @return the contents
	 * @throws StorageUnavailableException when the replica cannot be listed or read
	 */
	public ReplicaContents listContents() {
		ReplicaHistory history = ReplicaHistory.of(this.parts.storage);
		return this.parts.generations.listContents(history.files(), history.end());
	}

	/** Begin to capture and to store. Does nothing when already started. */
	public void start() {
		this.running.start();
	}

	/**
	 * Store everything that was committed before this call.
	 * @param timeout how long to wait
	 * @return the last transaction stored
	 * @throws StorageUnavailableException when that took longer
	 * @throws ConflictException when another writer has taken the replica over
	 * @throws ReplicationStoppedException when replication is stopped meanwhile
	 * @throws IllegalStateException when the replicator is not started
	 */
	public Txid sync(Duration timeout) {
		return this.parts.waiting.await(this.running.ask(this.parts.loop::request), timeout);
	}

	/**
	 * Read all pages of the live database, in a read transaction: commits go on, and
	 * checkpoints wait.
	 * @param timeout how long to wait
	 * @return its state at the transaction that is captured last
	 * @throws CorruptDataException when a page is not what was committed to it
	 * @throws LitestreamException when that took longer, or failed
	 * @throws IllegalStateException when the replicator is not started
	 */
	public LiveState liveState(Duration timeout) {
		this.running.require();
		return this.parts.verification.liveState(timeout);
	}

	/**
	 * Restore the replica beside the live database, check it and compare the two: the
	 * drill that is run every {@code verification.interval}, now.
	 * @param timeout how long to wait for the result
	 * @return what was found
	 * @throws LitestreamException when it could not be run, which says nothing of the
	 * replica, or took longer and goes on; of the kind that kept it from being run
	 * @throws IllegalStateException when the replicator is not started
	 */
	public DrillResult verify(Duration timeout) {
		CompletableFuture<DrillResult> request = this.running.ask(this.parts.verification::request);
		this.parts.keeper.wake();
		return this.parts.verification.await(request, timeout);
	}

	/**
	 * What the last drill found, also one of an earlier process. Costs nothing.
	 * @return empty when there was none yet
	 */
	public Optional<DrillResult> lastDrill() {
		return this.parts.verification.last();
	}

	/**
	 * Have a snapshot in the replica that holds everything committed before this call.
	 * Where the newest one does already, it is read to its checksum, and replaced only
	 * when it is damaged or gone; callers at the same time share one. One that was begun
	 * goes on when the time is over.
	 * @param timeout how long to wait
	 * @return the snapshot
	 * @throws StorageUnavailableException when that took longer, or the storage failed
	 * @throws ConflictException when another writer has taken the replica over
	 * @throws CorruptDataException when the database is damaged
	 * @throws LitestreamException when there were too many snapshots in the last 24
	 * hours, or the replicator is stopped meanwhile
	 * @throws IllegalStateException when the replicator is not started
	 */
	public SnapshotResult snapshot(Duration timeout) {
		this.running.require();
		return this.parts.orders.takeSound(this::sync, timeout);
	}

	/**
	 * Store everything that was committed before this call, as far as the time allows,
	 * and stop all threads. {@link #start()} goes on. Does nothing when not started, and
	 * answers what the last stop did: that not all was stored, when there was none. Where
	 * others stop at the same time, the threads end with the last one of them, and whose
	 * time is over leaves them to the others.
	 * @param timeout how long to wait
	 * @return whether all was stored
	 */
	public boolean stop(Duration timeout) {
		return this.running.stop(timeout);
	}

	/**
	 * To be called by a commit listener of any connection of this process, just before
	 * the frames of a commit are written. Returns at once.
	 */
	public void commitBegins() {
		this.parts.loop.commitBegins();
	}

	/**
	 * Where the database stands. Costs nothing.
	 * @return the status of this moment
	 */
	public ReplicationStatus status() {
		// Without a lock: a stop holds it for as long as it waits for the threads
		return this.parts.report.status(this.parts.threads.areRunning());
	}

	/**
	 * Stop, with a short last sync, and close every connection: to be called after the
	 * application's own connections are closed. Takes no longer than the timeout and five
	 * seconds for the threads, as long as the local disk answers. Does nothing when
	 * already closed, whatever came of that.
	 * @param timeout how long the last sync may take
	 * @return whether all was stored
	 * @throws LitestreamException when something could not be closed; everything else is
	 */
	public boolean close(Duration timeout) {
		// One after the other: a second one has nothing to store, nor to close
		synchronized (this.closing) {
			if (this.running.isClosed()) {
				return this.running.wasStored();
			}
			// With what was committed since a stop, or before a start that never came
			boolean stored = this.running.close(timeout);
			// It would close the file before it is synced
			boolean interrupted = Thread.interrupted();
			try {
				closeFiles();
			}
			finally {
				if (interrupted) {
					Thread.currentThread().interrupt();
				}
			}
			return stored;
		}
	}

	private void closeFiles() {
		Closing.all(
				new LitestreamException("Cannot close everything of %s and of its staging folder %s"
					.formatted(this.parts.settings.name(), this.parts.settings.stagingDirectory())),
				List.of(this.parts.capture::noteChecksum, this.parts.pinnedWork, this.parts.checksums,
						this.parts.positionFile::force, this.parts.positionFile, this.parts.database));
	}

	@Override
	public void close() {
		close(DEFAULT_CLOSE);
	}

}
