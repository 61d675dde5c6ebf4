package io.github.litestream4j.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.StoredProof;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where those who want a snapshot meet the threads that make it. Who comes while one is
 * made that will hold what he has committed shares it, all others share the next one.
 * Safe for use by any thread.
 */
final class SnapshotOrders {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotOrders.class);

	private final String database;

	private final ReplicaStorage storage;

	private final Progress progress;

	private final StormGuard guard;

	private final Runnable whenPlaced;

	/** The one that is yet to be begun, or null. */
	private @Nullable SnapshotOrder open;

	/** The one that the guard was pinned for last, or null. */
	private @Nullable SnapshotOrder pinned;

	/** Why none is taken any more, or null. */
	private @Nullable LitestreamException closed;

	SnapshotOrders(String database, ReplicaStorage storage, Progress progress, StormGuard guard, Runnable whenPlaced) {
		this.database = database;
		this.storage = storage;
		this.progress = progress;
		this.guard = guard;
		this.whenPlaced = whenPlaced;
	}

	/**
	 * Have a snapshot in the replica that holds at least everything that is committed
	 * now.
	 * @param sync stores everything that is committed, in a given time
	 * @param begin how long to wait until it can be begun
	 * @param timeout how long to wait in all
	 * @return the snapshot
	 */
	SnapshotResult take(Function<Duration, Txid> sync, Duration begin, Duration timeout) {
		return take(sync, begin, timeout, false);
	}

	/**
	 * Have a snapshot in the replica as {@link #take} does, one that was read to its
	 * checksum or is stored now: one that is damaged or gone is replaced. A failure is
	 * counted.
	 * @param sync stores everything that is committed, in a given time
	 * @param timeout how long to wait in all
	 * @return the snapshot
	 */
	SnapshotResult takeSound(Function<Duration, Txid> sync, Duration timeout) {
		try {
			return take(sync, timeout, timeout, true);
		}
		catch (LitestreamException ex) {
			this.progress.passed(ErrorStage.SNAPSHOT, String.valueOf(ex.getMessage()));
			throw ex;
		}
	}

	private SnapshotResult take(Function<Duration, Txid> sync, Duration begin, Duration timeout, boolean sound) {
		long start = System.nanoTime();
		requirePossible();
		// First, while nothing is pinned: an outage may last
		Txid committed = sync.apply(begin);
		Optional<StoredFile> newest = newest(this.progress);
		boolean there = newest.isPresent() && !newest.get().key().name().max().isBefore(committed);
		if (there && (!sound || isSound(newest.get(), start + timeout.toNanos()))) {
			return result(new SnapshotOrder.Taken(newest.get(), null));
		}
		this.guard.requireRoom();
		SnapshotOrder order = place(committed, there);
		try {
			return result(order.await(start + begin.toNanos(), start + timeout.toNanos()));
		}
		catch (TimeoutException ex) {
			throw late(order, order.isPinned() ? timeout : begin, ex);
		}
		catch (ExecutionException ex) {
			throw failure(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException(this.database + ": the wait for the snapshot was interrupted", ex);
		}
		finally {
			leave(order);
		}
	}

	private boolean isSound(StoredFile snapshot, long deadline) {
		Optional<String> problem = StoredProof.problem(this.storage, this.progress.index(), snapshot.key(), deadline);
		problem.ifPresent((damage) -> {
			logger.error("{}: a snapshot is stored anew: {}", this.database, damage);
			this.progress.passed(ErrorStage.SNAPSHOT, damage);
		});
		return problem.isEmpty();
	}

	private SnapshotResult result(SnapshotOrder.Taken taken) {
		StoredFile file = taken.file();
		Instant time = taken.time();
		boolean existed = time == null;
		return new SnapshotResult(file.key().name().max(), file.size(),
				(time != null) ? time : this.storage.timestamp(file), existed);
	}

	/**
	 * The newest snapshot of a replica.
	 * @return empty when it has none
	 */
	static Optional<StoredFile> newest(Progress progress) {
		return progress.snapshots().stream().max(Comparator.comparing((file) -> file.key().name().max()));
	}

	private void requirePossible() {
		String fenced = this.progress.fence();
		if (fenced != null) {
			throw new ConflictException(
					"%s: no snapshot is stored, and nothing else: %s".formatted(this.database, fenced));
		}
		String damage = this.progress.damage();
		if (damage != null) {
			throw new CorruptDataException("%s: no snapshot is stored: %s".formatted(this.database, damage));
		}
	}

	private SnapshotOrder place(Txid least, boolean anew) {
		SnapshotOrder order;
		synchronized (this) {
			if (this.closed != null) {
				throw failure(this.closed);
			}
			order = this.pinned;
			if (order == null || order.isDone() || !order.holds(least)) {
				order = (this.open != null) ? this.open : new SnapshotOrder(least);
				this.open = order;
			}
			order.join(least, anew);
		}
		this.whenPlaced.run();
		return order;
	}

	private synchronized void leave(SnapshotOrder order) {
		if (order.leave() && this.open == order) {
			this.open = null;
		}
	}

	/**
	 * The snapshot that is to be made next.
	 * @return {@code null} when nobody wants one
	 */
	synchronized @Nullable SnapshotOrder next() {
		return this.open;
	}

	/**
	 * The guard is pinned for the next one.
	 * @param order which
	 * @param txid the last transaction in it
	 */
	synchronized void pinned(SnapshotOrder order, Txid txid) {
		order.pinned(txid);
		this.pinned = order;
		if (this.open == order) {
			this.open = null;
		}
	}

	/**
	 * The guard is not pinned for it any more, and it was not begun: it is tried again.
	 */
	synchronized void unpinned(SnapshotOrder order) {
		order.pinned(null);
		this.pinned = null;
		if (this.open == null) {
			this.open = order;
		}
		else {
			this.open.join(order.least(), order.isAnew());
			order.follow(this.open);
		}
	}

	/**
	 * None can be made at present.
	 * @param reason why
	 */
	void refuse(LitestreamException reason) {
		SnapshotOrder waiting;
		SnapshotOrder begun;
		synchronized (this) {
			waiting = this.open;
			begun = this.pinned;
			this.open = null;
			this.pinned = null;
		}
		if (waiting != null) {
			waiting.failed(reason);
		}
		if (begun != null) {
			begun.failed(reason);
		}
	}

	/** None can be made before {@link #reopen}. */
	void close() {
		LitestreamException reason = new ReplicationStoppedException(
				this.database + ": replication was stopped before the snapshot was stored");
		synchronized (this) {
			this.closed = reason;
		}
		refuse(reason);
	}

	synchronized void reopen() {
		this.closed = null;
	}

	private StorageUnavailableException late(SnapshotOrder order, Duration waited, TimeoutException cause) {
		String error = this.progress.failure();
		return new StorageUnavailableException(
				"%s: no snapshot was stored in %s within %s: %s%s".formatted(this.database, this.storage.url(), waited,
						order.isPinned() ? "it was begun, and goes on in the background" : "it could not be begun",
						(error != null) ? "; " + error : ""),
				cause);
	}

	/** One of its own for each who waits. */
	private static LitestreamException failure(@Nullable Throwable cause) {
		return LitestreamException.ofKindOf(cause,
				(cause != null && cause.getMessage() != null) ? cause.getMessage() : String.valueOf(cause));
	}

}
