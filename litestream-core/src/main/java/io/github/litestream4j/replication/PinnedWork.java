package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * What needs the guard to stand still: snapshots, and the reading of all pages for their
 * checksums. While it is under way there are no checkpoints. Not safe for use by several
 * threads.
 */
final class PinnedWork implements AutoCloseable {

	private final Capture capture;

	private final Snapshotter snapshotter;

	private final Uploader uploader;

	private final Progress progress;

	private final Duration busyTimeout;

	/** Why the history has to begin anew, or null. */
	private @Nullable String newBeginning;

	/**
	 * The snapshot that the guard is pinned for and that is yet to be stored, or null.
	 */
	private @Nullable SnapshotFile pinned;

	private boolean snapshotNeeded;

	/** The comparison that the guard is pinned for and that is yet to end, or null. */
	private volatile @Nullable DeltaFile pinnedDelta;

	PinnedWork(Capture capture, Snapshotter snapshotter, Uploader uploader, Progress progress, Duration busyTimeout) {
		this.uploader = uploader;
		this.capture = capture;
		this.snapshotter = snapshotter;
		this.progress = progress;
		this.busyTimeout = busyTimeout;
	}

	/**
	 * A snapshot that the guard is pinned for must be stored first.
	 */
	void snapshotFirst(SnapshotFile snapshot) {
		this.pinned = snapshot;
		this.snapshotNeeded = true;
	}

	/**
	 * The pages that differ, for which the guard is pinned, must be staged first.
	 */
	void deltaFirst(DeltaFile delta) {
		this.pinnedDelta = delta;
	}

	/**
	 * The history has to begin anew.
	 */
	void beginAnew(String reason) {
		this.newBeginning = reason;
	}

	/**
	 * Whether the guard must stay where it is.
	 */
	boolean isUnderWay() {
		return this.snapshotter.isBusy() || this.pinned != null || this.pinnedDelta != null;
	}

	/**
	 * Begin what is to be done next, if it is time.
	 */
	void proceed() throws IOException {
		if (this.newBeginning != null) {
			beginHistory();
		}
		if (!this.snapshotter.isReady()) {
			return;
		}
		DeltaFile delta = this.pinnedDelta;
		if (delta != null) {
			if (delta.isLost()) {
				// Nothing can go on without the comparison, but a snapshot can
				beginAnew("delta-lost");
				beginHistory();
			}
			else {
				this.snapshotter.start(delta, this::staged);
			}
			return;
		}
		this.snapshotNeeded &= this.progress.isSnapshotMissing();
		if (this.snapshotNeeded) {
			SnapshotFile snapshot = (this.pinned != null) ? this.pinned : this.capture.pin(this.busyTimeout);
			this.pinned = null;
			if (snapshot != null) {
				this.snapshotter.start(snapshot);
			}
		}
		else if (this.capture.lacksChecksums()) {
			PageReading reading = this.capture.pinToRead(this.busyTimeout);
			if (reading != null) {
				this.snapshotter.start(reading);
			}
		}
		else {
			this.capture.noteChecksum();
		}
	}

	private void staged(StagedFile delta) {
		this.uploader.insert(delta);
		this.pinnedDelta = null;
	}

	private void beginHistory() throws IOException {
		if (!stop()) {
			throw new IOException("the snapshot that is being stored does not end");
		}
		// What the comparison that is given up was made with is not in the replica
		boolean comparable = this.pinnedDelta == null && !this.progress.isSnapshotMissing()
				&& !this.capture.lacksChecksums();
		close();
		if (comparable) {
			Optional<DeltaFile> delta = this.capture.beginDelta(this.capture.position(), this.busyTimeout);
			if (delta.isPresent()) {
				this.newBeginning = null;
				deltaFirst(delta.get());
				return;
			}
		}
		SnapshotFile snapshot = this.capture.begin(this.capture.position().txid().next(), this.busyTimeout);
		if (snapshot == null) {
			throw new IOException(
					"the write lock was taken for " + this.busyTimeout + ", so that no snapshot can begin");
		}
		this.newBeginning = null;
		snapshotFirst(snapshot);
	}

	/**
	 * Whether nothing can be captured before the history begins anew.
	 */
	boolean isNewBeginning() {
		return this.newBeginning != null;
	}

	/**
	 * Give up what is under way, since it relies on a guard that is about to move.
	 * @return whether it has ended
	 */
	boolean stop() {
		try {
			return this.snapshotter.stop(this.busyTimeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** Give the comparison up. To be called when nothing is under way. */
	@Override
	public void close() throws IOException {
		DeltaFile delta = this.pinnedDelta;
		this.pinnedDelta = null;
		if (delta != null) {
			delta.close();
		}
	}

}
