package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;

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

	private final ReplicaStorage storage;

	private final GenerationLog generations;

	private final LiveReadings liveReadings = new LiveReadings();

	private final OrderedSnapshots ordered;

	/** Why the history has to begin anew, or null. */
	private @Nullable String newBeginning;

	/**
	 * The snapshot that the guard is pinned for and that is yet to be stored, or null.
	 */
	private @Nullable SnapshotFile pinned;

	private boolean snapshotNeeded;

	/** The comparison that the guard is pinned for and that is yet to end, or null. */
	private volatile @Nullable DeltaFile pinnedDelta;

	/** The history that the next snapshot begins, or null. */
	private @Nullable NewHistory newHistory;

	PinnedWork(Capture capture, Snapshotter snapshotter, Uploader uploader, Progress progress, ReplicaStorage storage,
			GenerationLog generations, OrderedSnapshots ordered, Duration busyTimeout) {
		this.ordered = ordered;
		this.storage = storage;
		this.generations = generations;
		this.uploader = uploader;
		this.capture = capture;
		this.snapshotter = snapshotter;
		this.progress = progress;
		this.busyTimeout = busyTimeout;
	}

	/** Who wants to know what the live database holds. */
	LiveReadings liveReadings() {
		return this.liveReadings;
	}

	/**
	 * A snapshot that the guard is pinned for must be stored first.
	 * @param snapshot the snapshot
	 * @param claim where the history before would go on, {@code null} when there is none
	 * @param reason why it must
	 */
	void snapshotFirst(SnapshotFile snapshot, @Nullable Txid claim, String reason) throws IOException {
		Txid first = snapshot.position().txid();
		this.generations.begin(first, (claim != null) ? claim : first, reason);
		this.newHistory = (claim != null)
				? NewHistory.after(this.storage, this.generations, this.progress.index(), claim)
				: NewHistory.first(this.storage, this.generations, this.progress.index());
		this.pinned = snapshot;
		this.snapshotNeeded = true;
	}

	/**
	 * The pages that differ, for which the guard is pinned, must be staged first.
	 * @param delta they will be there
	 * @param reason why they may differ
	 */
	void deltaFirst(DeltaFile delta, String reason) throws IOException {
		Txid first = delta.position().txid();
		this.generations.begin(first, first, reason);
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
		return this.snapshotter.isBusy() || this.pinned != null || this.pinnedDelta != null || this.ordered.isPinned();
	}

	/**
	 * Begin what is to be done next, if it is time.
	 */
	void proceed() throws IOException {
		if (this.newBeginning != null) {
			beginHistory(this.newBeginning);
		}
		if (!this.snapshotter.isReady()) {
			if (this.ordered.isWanted()) {
				this.snapshotter.giveWay();
			}
			return;
		}
		DeltaFile delta = this.pinnedDelta;
		if (delta != null) {
			if (delta.isLost()) {
				// Nothing can go on without the comparison, but a snapshot can
				beginAnew("delta-lost");
				beginHistory("delta-lost");
			}
			else {
				this.snapshotter.start(delta, (file) -> staged(delta, file));
			}
			return;
		}
		this.snapshotNeeded &= this.progress.isSnapshotMissing();
		if (this.progress.isDamaged()) {
			// What the replica holds is right, and a snapshot would be wrong
			if (this.ordered.isPinned() || this.ordered.isWanted()) {
				this.ordered.refuse(new CorruptDataException("No snapshot is stored: " + this.progress.damage()));
			}
			this.capture.noteChecksum();
			this.liveReadings.refuse(new CorruptDataException("the database is damaged: " + this.progress.failure()));
			return;
		}
		if (this.snapshotNeeded) {
			Txid broken = this.progress.brokenAt();
			if (broken != null && this.uploader.hasBefore(broken)) {
				// What the old history still has comes first, and may take its time
				this.pinned = null;
				return;
			}
			SnapshotFile snapshot = (this.pinned != null) ? this.pinned : pinLater();
			this.pinned = null;
			if (snapshot != null) {
				this.generations.beginsLater(snapshot.position().txid());
				this.snapshotter.start(snapshot, this.newHistory);
			}
		}
		else {
			this.capture.noteChecksum();
			if (this.ordered.proceed()) {
				return;
			}
			if (this.capture.lacksChecksums() || !this.capture.isVerified() || this.liveReadings.isWanted()) {
				PageReading reading = this.capture.pinToRead(this.busyTimeout);
				if (reading != null) {
					this.snapshotter.start(reading, this.liveReadings.take());
				}
			}
		}
	}

	private @Nullable SnapshotFile pinLater() throws IOException {
		SnapshotFile snapshot = this.capture.pin(this.busyTimeout);
		if (snapshot != null) {
			this.progress.snapshotNeeded(snapshot.position().txid());
		}
		return snapshot;
	}

	private void staged(DeltaFile delta, StagedFile file) {
		if (delta.differing() == 0) {
			this.generations.forget(file.txid());
		}
		this.uploader.insert(file);
		this.pinnedDelta = null;
	}

	private void beginHistory(String reason) throws IOException {
		if (!stop()) {
			throw new IOException("the snapshot that is being stored does not end");
		}
		if (this.progress.isDamaged()) {
			throw new IOException("the history cannot go on, and cannot begin anew: the database is damaged");
		}
		this.ordered.release();
		// What the comparison that is given up was made with is not in the replica
		boolean comparable = this.pinnedDelta == null && !this.progress.isSnapshotMissing()
				&& !this.capture.lacksChecksums();
		close();
		if (comparable) {
			Optional<DeltaFile> delta = this.capture.beginDelta(this.capture.position(), this.busyTimeout);
			if (delta.isPresent()) {
				deltaFirst(delta.get(), reason);
				this.newBeginning = null;
				return;
			}
		}
		Txid next = this.capture.position().txid().next();
		Txid broken = this.progress.brokenAt();
		boolean resumed = this.progress.isSnapshotMissing() && this.newHistory != null;
		SnapshotFile snapshot = this.capture.begin((broken != null) ? next : next.next(), this.busyTimeout);
		if (snapshot == null) {
			throw new IOException(
					"the write lock was taken for " + this.busyTimeout + ", so that no snapshot can begin");
		}
		Txid claim = (broken != null) ? broken : next;
		if (resumed) {
			// Its claim shuts others out of whatever snapshot comes in the end
			this.generations.begin(snapshot.position().txid(), claim, reason);
			this.pinned = snapshot;
			this.snapshotNeeded = true;
		}
		else {
			snapshotFirst(snapshot, claim, reason);
		}
		this.newBeginning = null;
	}

	/**
	 * Whether nothing can be captured before the history begins anew.
	 */
	boolean isNewBeginning() {
		return this.newBeginning != null;
	}

	/**
	 * Another writer has taken over: give up what is under way.
	 * @param reason what is to be told
	 * @return whether it has ended
	 */
	boolean fence(LitestreamException reason) {
		this.ordered.refuse(reason);
		this.liveReadings.refuse(reason);
		return stop();
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
