package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * What the capturing thread does for a snapshot that is wanted: it pins the guard, waits
 * until the file of level 0 is stored that ends there, and has the snapshot stored. For
 * whoever has stored that file owns its TXID. Not safe for use by several threads.
 */
final class OrderedSnapshots {

	/** As long as the guard is pinned the WAL grows. */
	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final SnapshotOrders orders;

	private final Capture capture;

	private final Snapshotter snapshotter;

	private final Progress progress;

	private final Duration busyTimeout;

	private final Duration patience;

	/** What the guard is pinned for, or null. */
	private @Nullable Pinned pinned;

	/** What must be stored before the guard is pinned again. */
	private Txid storedFirst = Txid.ZERO;

	OrderedSnapshots(SnapshotOrders orders, Capture capture, Snapshotter snapshotter, Progress progress,
			Duration busyTimeout) {
		this(orders, capture, snapshotter, progress, busyTimeout, PATIENCE);
	}

	OrderedSnapshots(SnapshotOrders orders, Capture capture, Snapshotter snapshotter, Progress progress,
			Duration busyTimeout, Duration patience) {
		this.orders = orders;
		this.capture = capture;
		this.snapshotter = snapshotter;
		this.progress = progress;
		this.busyTimeout = busyTimeout;
		this.patience = patience;
	}

	/**
	 * Whether the guard must stay where it is.
	 */
	boolean isPinned() {
		return this.pinned != null;
	}

	/**
	 * Whether somebody wants a snapshot that is yet to be begun.
	 */
	boolean isWanted() {
		return this.orders.next() != null;
	}

	/**
	 * Do the next step. To be called when no other work has pinned the guard.
	 * @return whether the guard is pinned now
	 */
	boolean proceed() throws IOException {
		if (this.pinned != null && this.pinned.order().isDone()) {
			// Refused meanwhile
			this.pinned = null;
		}
		if (this.pinned == null) {
			this.pinned = pin();
		}
		Pinned pinned = this.pinned;
		if (pinned == null) {
			return false;
		}
		Txid txid = pinned.snapshot().position().txid();
		if (!this.progress.replicated().isBefore(txid)) {
			this.pinned = null;
			this.snapshotter.start(pinned.snapshot(), pinned.order());
			return true;
		}
		if (System.nanoTime() - pinned.since() > this.patience.toNanos()) {
			this.storedFirst = txid;
			release();
		}
		return this.pinned != null;
	}

	private @Nullable Pinned pin() throws IOException {
		SnapshotOrder order = this.orders.next();
		if (order == null || this.progress.replicated().isBefore(this.storedFirst)) {
			return null;
		}
		Optional<StoredFile> newest = SnapshotOrders.newest(this.progress);
		if (!order.isAnew() && newest.isPresent() && !newest.get().key().name().max().isBefore(order.least())) {
			this.orders.pinned(order, newest.get().key().name().max());
			order.exists(newest.get());
			return null;
		}
		SnapshotFile snapshot = this.capture.pin(this.busyTimeout);
		if (snapshot == null) {
			return null;
		}
		this.orders.pinned(order, snapshot.position().txid());
		return new Pinned(order, snapshot, System.nanoTime());
	}

	/** The guard is about to move. */
	void release() {
		Pinned pinned = this.pinned;
		this.pinned = null;
		if (pinned != null) {
			this.orders.unpinned(pinned.order());
		}
	}

	/**
	 * None can be made at present.
	 * @param reason why
	 */
	void refuse(LitestreamException reason) {
		this.pinned = null;
		this.orders.refuse(reason);
	}

	/**
	 * A snapshot that the guard is pinned for.
	 *
	 * @param order who wants it
	 * @param snapshot the snapshot
	 * @param since when the guard was pinned, as {@link System#nanoTime}
	 */
	private record Pinned(SnapshotOrder order, SnapshotFile snapshot, long since) {

	}

}
