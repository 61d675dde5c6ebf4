package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.LiveState;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores one snapshot at a time on a thread of its own.
 */
final class Snapshotter {

	private static final Logger logger = LoggerFactory.getLogger(Snapshotter.class);

	private final String database;

	private final ReplicaStorage storage;

	private final Progress progress;

	private final Runnable whenDone;

	private final Pace pace;

	private final Backoff backoff;

	private final StormGuard guard;

	private @Nullable Thread thread;

	/** Whether the thread only reads pages, which can be done again at any time. */
	private boolean reading;

	/** The thread that was told to end, or null. */
	private volatile @Nullable Thread stopped;

	private volatile long notBefore = System.nanoTime();

	Snapshotter(String database, ReplicaStorage storage, Progress progress, StormGuard guard, Runnable whenDone) {
		this(database, storage, progress, guard, whenDone, Pace.GENTLE, new Backoff());
	}

	/**
	 * Create a snapshotter; no thread is started.
	 * @param guard counts the snapshots
	 * @param pace how fast pages are read that nobody waits for
	 * @param backoff how long to wait after a failure
	 */
	Snapshotter(String database, ReplicaStorage storage, Progress progress, StormGuard guard, Runnable whenDone,
			Pace pace, Backoff backoff) {
		this.guard = guard;
		this.pace = pace;
		this.backoff = backoff;
		this.database = database;
		this.storage = storage;
		this.progress = progress;
		this.whenDone = whenDone;
	}

	/**
	 * Whether a snapshot is being stored: the guard must not be renewed meanwhile.
	 */
	synchronized boolean isBusy() {
		return this.thread != null && this.thread.isAlive();
	}

	/**
	 * Whether the pause after the last failure is over.
	 */
	boolean isReady() {
		return !isBusy() && System.nanoTime() - this.notBefore >= 0;
	}

	/**
	 * Store a snapshot.
	 * @param history the history that it begins, or {@code null} when it begins none
	 */
	synchronized void start(SnapshotFile snapshot, @Nullable NewHistory history) {
		start(() -> store(snapshot, history));
	}

	/**
	 * Store a snapshot that somebody wants.
	 */
	synchronized void start(SnapshotFile snapshot, SnapshotOrder order) {
		start(() -> store(snapshot, order));
	}

	/**
	 * Read all pages for their checksums, in the place of a snapshot.
	 * @param waiting who is told what the pages are
	 */
	synchronized void start(PageReading reading, List<CompletableFuture<LiveState>> waiting) {
		start(() -> read(reading, waiting));
		this.reading = waiting.isEmpty();
	}

	/**
	 * Give up a reading of all pages that nobody waits for: a snapshot reads them too.
	 */
	synchronized void giveWay() {
		Thread thread = this.thread;
		if (thread != null && this.reading && thread != this.stopped) {
			this.stopped = thread;
			thread.interrupt();
		}
	}

	/**
	 * Stage the pages that differ, in the place of a snapshot.
	 * @param whenStaged is given the file
	 */
	synchronized void start(DeltaFile delta, Consumer<StagedFile> whenStaged) {
		start(() -> stage(delta, whenStaged));
	}

	private void stage(DeltaFile delta, Consumer<StagedFile> whenStaged) {
		try {
			whenStaged.accept(delta.stage());
			this.backoff.reset();
			this.progress.overcome(ErrorStage.CHECKSUMS);
			logger.info("{}: goes on at {} with the {} of {} pages that differ from what was captured before",
					this.database, delta.position().txid(), delta.differing(), delta.position().commit());
		}
		catch (IOException | RuntimeException | Error ex) {
			failed(ErrorStage.CHECKSUMS, "Cannot compare all pages with what was captured before", ex);
		}
		this.whenDone.run();
	}

	private void read(PageReading reading, List<CompletableFuture<LiveState>> waiting) {
		try {
			long checksum = reading.read((number, page, sum) -> {
			}, this.pace);
			this.backoff.reset();
			this.progress.overcome(ErrorStage.CHECKSUMS);
			LiveState state = new LiveState(reading.position().txid(), checksum, reading.position().commit());
			waiting.forEach((request) -> request.complete(state));
		}
		catch (IOException | RuntimeException | Error ex) {
			waiting.forEach((request) -> request.completeExceptionally(ex));
			failed(ErrorStage.CHECKSUMS, "Cannot read all pages for their checksums", ex);
		}
		this.whenDone.run();
	}

	private void failed(ErrorStage stage, String what, Throwable ex) {
		if (Thread.currentThread() == this.stopped) {
			// It was told to end, and has not failed
			return;
		}
		this.notBefore = System.nanoTime() + this.backoff.next().toNanos();
		if (ex instanceof DamagedDatabaseException) {
			damaged(String.valueOf(ex.getMessage()));
			return;
		}
		this.progress.failed(stage, what + ": " + ((ex.getMessage() != null) ? ex.getMessage() : ex));
		if (this.backoff.failures() % 10 == 1) {
			logger.warn("{}: {}, and will try again: {}", this.database, what, ex.toString());
		}
	}

	private void damaged(String damage) {
		String message = "%s. Stop the application, and move the database, with its -wal and -shm, aside: the next start restores it from %s at TXID %s. What is committed to a damaged page meanwhile is stored as it is, damage and all; no snapshot is stored."
			.formatted(damage, this.storage.url(), this.progress.captured());
		logger.error("{}: the database is damaged: {}", this.database, message);
		this.progress.failed(ErrorStage.DATABASE, message);
	}

	private void start(Runnable work) {
		Thread thread = new Thread(work, "litestream-" + this.database + "-snapshot");
		thread.setDaemon(true);
		this.reading = false;
		this.thread = thread;
		thread.start();
	}

	private void store(SnapshotFile snapshot, @Nullable NewHistory history) {
		Txid txid = snapshot.position().txid();
		LtxKey key = snapshot.key();
		long start = System.nanoTime();
		try {
			if (history != null) {
				history.announce(key, snapshot.timestamp());
			}
			long bytes = this.storage.put(key, snapshot.timestamp(), snapshot);
			this.storage.putDatabaseChecksum(key, snapshot.checksum());
			if (history != null) {
				history.confirm(key);
			}
			this.progress.index().add(key, bytes);
			this.guard.begun(txid);
			stored(snapshot, bytes, start);
		}
		catch (ConflictException ex) {
			logger.error("{}: nothing is stored any more: {}", this.database, ex.getMessage());
			this.progress.fenced(String.valueOf(ex.getMessage()));
		}
		catch (IOException | RuntimeException | Error ex) {
			failed(ErrorStage.SNAPSHOT, "Cannot store the snapshot at " + txid, ex);
		}
		this.whenDone.run();
	}

	private void store(SnapshotFile snapshot, SnapshotOrder order) {
		Txid txid = snapshot.position().txid();
		LtxKey key = snapshot.key();
		long start = System.nanoTime();
		try {
			long bytes = this.storage.put(key, snapshot.timestamp(), snapshot);
			this.guard.stored(txid);
			StoredFile file = new StoredFile(key, bytes, Instant.now());
			this.progress.index().add(file);
			putChecksum(key, snapshot.checksum());
			stored(snapshot, bytes, start);
			order.stored(file, snapshot.timestamp());
		}
		catch (RuntimeException | Error ex) {
			failed(order, txid, ex);
		}
		this.whenDone.run();
	}

	private void stored(SnapshotFile snapshot, long bytes, long start) {
		Txid txid = snapshot.position().txid();
		this.backoff.reset();
		this.progress.snapshotStored(txid);
		// It learns them on its way
		this.progress.overcome(ErrorStage.CHECKSUMS);
		Duration took = Duration.ofNanos(System.nanoTime() - start);
		this.progress.observer().done(Activity.SNAPSHOT, took);
		logger.info("{}: stored a snapshot at {}: {} pages, {} bytes in {} ms", this.database, txid,
				snapshot.position().commit(), bytes, took.toMillis());
	}

	/** The snapshot is whole without it, and a restore then has one proof less. */
	private void putChecksum(LtxKey key, long checksum) {
		try {
			this.storage.putDatabaseChecksum(key, checksum);
		}
		catch (RuntimeException ex) {
			this.progress.passed(ErrorStage.SNAPSHOT,
					"The checksum of %s could not be stored: %s".formatted(key, ex.getMessage()));
			logger.warn("{}: {} is stored, but not its database checksum: {}", this.database, key, ex.toString());
		}
	}

	/** Whoever wants the snapshot counts the failure, and tries again. */
	private void failed(SnapshotOrder order, Txid txid, Throwable ex) {
		String message = "%s: cannot store the snapshot at %s in %s: %s".formatted(this.database, txid,
				this.storage.url(), (ex.getMessage() != null) ? ex.getMessage() : ex);
		if (Thread.currentThread() == this.stopped) {
			order.failed(new ReplicationStoppedException(
					"%s: the snapshot at %s was given up, for replication stops or begins anew".formatted(this.database,
							txid),
					ex));
			return;
		}
		if (ex instanceof DamagedDatabaseException) {
			damaged(String.valueOf(ex.getMessage()));
			order.failed(new CorruptDataException(message, ex));
			return;
		}
		this.notBefore = System.nanoTime() + this.backoff.next().toNanos();
		order.failed((ex instanceof StorageUnavailableException) ? new StorageUnavailableException(message, ex)
				: new LitestreamException(message, ex));
	}

	/**
	 * Give up what is being stored.
	 * @param wait how long to wait for its end
	 * @return whether it has ended
	 */
	boolean stop(Duration wait) throws InterruptedException {
		Thread thread;
		synchronized (this) {
			thread = this.thread;
		}
		if (thread == null) {
			return true;
		}
		this.stopped = thread;
		thread.interrupt();
		thread.join(Math.max(wait.toMillis(), 1));
		return !thread.isAlive();
	}

}
