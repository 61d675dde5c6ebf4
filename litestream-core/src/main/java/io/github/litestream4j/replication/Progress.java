package io.github.litestream4j.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * What the threads of one replicator tell each other and the world: how far the database
 * is captured and stored, and what failed. Safe for use by any thread.
 */
final class Progress {

	private Txid captured;

	/** The last file of level 0 that is stored. */
	private Txid uploaded;

	/** The end of the contiguous stored history. */
	private Txid replicated;

	/** The snapshot that the history needs next, or null when it has its base. */
	private @Nullable Txid missingSnapshot;

	/** The file of differing pages that the history needs next, or null. */
	private @Nullable Txid missingDelta;

	/**
	 * The first TXID that the old history does not reach, or null while there is no
	 * other: a snapshot that failed is followed by a later one.
	 */
	private @Nullable Txid brokenAt;

	/**
	 * Since when the history lacks what it goes on from, as {@link System#nanoTime}, or
	 * null.
	 */
	private @Nullable Long baseless;

	/** What is stored beyond a gap that is being filled. */
	private ReplicaHistory stored = new ReplicaHistory(List.of(), Txid.ZERO, Txid.ZERO);

	/** Why nothing is stored any more, or null. */
	private @Nullable String fenced;

	/** Whether nothing is stored before the next start. */
	private boolean stopped;

	private @Nullable Instant lastSync;

	private ReplicationErrors errors = ReplicationErrors.NONE;

	/** What the replica holds. */
	private final ReplicaIndex index;

	private final ReplicationObserver observer;

	Progress(Txid replicated) {
		this(replicated, ReplicaIndex.of(List.of()), ReplicationObserver.NONE);
	}

	private Progress(Txid replicated, ReplicaIndex index, ReplicationObserver observer) {
		this.index = index;
		this.observer = observer;
		this.replicated = replicated;
		this.uploaded = replicated;
		this.captured = replicated;
	}

	/**
	 * The progress of a replica that is there already.
	 */
	static Progress of(ReplicaHistory history, ReplicationObserver observer) {
		Progress progress = new Progress(history.end(), ReplicaIndex.of(history.files()), observer);
		if (history.max().isAfter(history.end())) {
			progress.stored = history;
		}
		return progress;
	}

	ReplicaIndex index() {
		return this.index;
	}

	/** Who is told what is done. */
	ReplicationObserver observer() {
		return this.observer;
	}

	/**
	 * The snapshots that the replica holds.
	 */
	List<StoredFile> snapshots() {
		return this.index.level(LtxKey.SNAPSHOT_LEVEL);
	}

	synchronized void captured(Txid txid) {
		this.captured = txid;
	}

	/**
	 * The history begins anew with a snapshot: what is stored after it counts only when
	 * it is stored too.
	 */
	synchronized void snapshotNeeded(Txid txid) {
		this.missingSnapshot = txid;
		this.missingDelta = null;
		this.brokenAt = (this.brokenAt != null) ? this.brokenAt : txid;
		this.captured = txid;
		baseless();
	}

	/**
	 * The history goes on with a file of the pages that differ, which is yet to be made:
	 * what comes after it waits for it.
	 */
	synchronized void deltaNeeded(Txid txid) {
		this.missingDelta = txid;
		this.brokenAt = txid;
		this.captured = txid;
		baseless();
	}

	private void baseless() {
		this.baseless = (this.baseless != null) ? this.baseless : System.nanoTime();
	}

	/**
	 * Since when the snapshot or the differing pages are missing that the history goes on
	 * from: as long as they are, commits that are in nothing else are not stored, though
	 * no file may wait.
	 * @return as {@link System#nanoTime}, or {@code null} when nothing is missing
	 */
	synchronized @Nullable Long missingSince() {
		return this.baseless;
	}

	synchronized void snapshotStored(Txid txid) {
		overcome(ErrorStage.SNAPSHOT);
		this.lastSync = Instant.now();
		if (txid.equals(this.missingSnapshot)) {
			this.missingSnapshot = null;
			this.brokenAt = null;
			this.baseless = null;
			this.replicated = this.uploaded.isAfter(txid) ? this.uploaded : txid;
			notifyAll();
		}
	}

	synchronized boolean isSnapshotMissing() {
		return this.missingSnapshot != null;
	}

	/**
	 * Whether a file has to wait for the snapshot that it stands on. Stored before, it
	 * would be the newest that the replica names and that no restore reaches, and a
	 * restore of the latest state would fail instead of giving the old history's end.
	 * @param txid the file's TXID
	 */
	synchronized boolean isHeldBack(Txid txid) {
		Txid broken = this.brokenAt;
		return broken != null && txid.isAfter(broken);
	}

	/**
	 * The first TXID that the old history does not reach.
	 * @return {@code null} while there is no other
	 */
	synchronized @Nullable Txid brokenAt() {
		return this.brokenAt;
	}

	synchronized void uploaded(Txid txid) {
		this.uploaded = txid;
		overcome(ErrorStage.UPLOAD);
		this.lastSync = Instant.now();
		if (txid.equals(this.missingDelta)) {
			this.missingDelta = null;
			this.brokenAt = null;
			this.baseless = null;
		}
		Txid broken = this.brokenAt;
		// Files from before the new beginning still continue the old history
		if ((broken == null || txid.isBefore(broken)) && txid.isAfter(this.replicated)) {
			this.replicated = this.stored.endFrom(txid);
			if (this.replicated.isAfter(this.uploaded)) {
				this.uploaded = this.replicated;
			}
			notifyAll();
		}
	}

	void fenced(String reason) {
		synchronized (this) {
			this.fenced = reason;
			this.errors = this.errors.failed(ErrorStage.UPLOAD, reason, Instant.now(), false);
			notifyAll();
		}
		this.observer.failed(ErrorStage.UPLOAD);
	}

	/**
	 * Nothing is stored before the next start: whoever waits need not wait to the end of
	 * his time.
	 */
	synchronized void stopped() {
		this.stopped = true;
		notifyAll();
	}

	synchronized void started() {
		this.stopped = false;
	}

	synchronized boolean isStopped() {
		return this.stopped;
	}

	synchronized boolean isFenced() {
		return this.fenced != null;
	}

	/**
	 * Why nothing is stored any more.
	 * @return {@code null} as long as something is
	 */
	synchronized @Nullable String fence() {
		return this.fenced;
	}

	/**
	 * Something failed and is tried again until it is {@link #overcome}.
	 */
	void failed(ErrorStage stage, String message) {
		synchronized (this) {
			this.errors = this.errors.failed(stage, message, Instant.now(), false);
		}
		this.observer.failed(stage);
	}

	/**
	 * Something failed that nothing has to make good. What else fails in that stage still
	 * has to be overcome.
	 */
	void passed(ErrorStage stage, String message) {
		synchronized (this) {
			StageErrors former = this.errors.stages().get(stage);
			this.errors = this.errors.failed(stage, message, Instant.now(), former == null || former.overcome());
		}
		this.observer.failed(stage);
	}

	synchronized void overcome(ErrorStage stage) {
		this.errors = this.errors.overcome(stage);
	}

	/**
	 * Whether a page was found that is not what was committed to it.
	 */
	synchronized boolean isDamaged() {
		return this.errors.count(ErrorStage.DATABASE) > 0;
	}

	/**
	 * What damage was found.
	 * @return {@code null} when none was
	 */
	synchronized @Nullable String damage() {
		StageErrors damage = this.errors.stages().get(ErrorStage.DATABASE);
		return (damage != null) ? damage.message() : null;
	}

	synchronized ReplicationErrors errors() {
		return this.errors;
	}

	synchronized Txid captured() {
		return this.captured;
	}

	synchronized Txid replicated() {
		return this.replicated;
	}

	synchronized @Nullable Instant lastSync() {
		return this.lastSync;
	}

	/**
	 * What fails at this moment.
	 * @return {@code null} when nothing does
	 */
	synchronized @Nullable String failure() {
		return (this.fenced != null) ? this.fenced : this.errors.present().map(StageErrors::message).orElse(null);
	}

	/**
	 * Wait until a transaction is stored, as long as somebody stores.
	 * @param txid the transaction
	 * @param deadline as {@link System#nanoTime}
	 * @return whether it is
	 */
	synchronized boolean awaitReplicated(Txid txid, long deadline) throws InterruptedException {
		while (this.replicated.isBefore(txid) && this.fenced == null && !this.stopped) {
			long left = deadline - System.nanoTime();
			if (left <= 0) {
				return false;
			}
			wait(Duration.ofNanos(left).toMillis() + 1);
		}
		return !this.replicated.isBefore(txid);
	}

}
