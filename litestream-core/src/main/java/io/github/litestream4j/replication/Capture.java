package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;
import io.github.litestream4j.wal.WalPosition;

import org.jspecify.annotations.Nullable;

/**
 * Turns what is committed into staged files, and knows how far it got. Not safe for use
 * by several threads.
 */
final class Capture {

	/**
	 * How much of the WAL one file is made of, in bytes, but for a longer transaction.
	 */
	private static final int BATCH = 16 << 20;

	private final LiveDatabase database;

	private final Staging staging;

	private final PositionFile positionFile;

	private final Progress progress;

	private final Uploader uploader;

	private @Nullable CapturePosition position;

	private Instant newest = Instant.EPOCH;

	Capture(LiveDatabase database, Staging staging, PositionFile positionFile, Progress progress, Uploader uploader) {
		this.database = database;
		this.staging = staging;
		this.positionFile = positionFile;
		this.progress = progress;
		this.uploader = uploader;
	}

	/**
	 * The time of an earlier file, which those to come must not be before: the clock may
	 * have been put back since.
	 */
	void notBefore(Instant timestamp) {
		if (timestamp.isAfter(this.newest)) {
			this.newest = timestamp;
		}
	}

	CapturePosition position() {
		if (this.position == null) {
			throw new IllegalStateException("nothing is captured yet");
		}
		return this.position;
	}

	/**
	 * Go on from a position that is known to be right.
	 */
	void continueFrom(CapturePosition position) throws IOException {
		this.position = position;
		this.positionFile.write(position);
		this.progress.captured(position.txid());
	}

	/**
	 * Begin a history with a snapshot of what is committed now. Afterwards the guard
	 * stands at its position.
	 * @param txid the snapshot's TXID
	 * @param wait how long to wait for the write lock
	 * @return the snapshot, to be stored before the guard is renewed; {@code null} when
	 * somebody wrote all that time
	 */
	@Nullable SnapshotFile begin(Txid txid, Duration wait) throws IOException {
		// Leaves little to be overlaid, and nothing to do under the lock
		this.database.checkpoint();
		if (!this.database.lockWriters(wait)) {
			return null;
		}
		try {
			this.database.renewGuard();
			WalIndexHeader index = this.database.index();
			long commit = (index.frames() > 0) ? index.commit() : this.database.pageCount();
			continueFrom(CapturePosition.atEnd(txid, this.database.pageSize(), commit, index));
			this.progress.snapshotNeeded(txid);
			return new SnapshotFile(this.database, position(), now());
		}
		finally {
			this.database.unlockWriters();
		}
	}

	/**
	 * Capture what is committed, and pin the guard there.
	 * @param wait how long to wait for the write lock
	 * @return a snapshot of the position, to be stored before the guard is renewed;
	 * {@code null} when somebody wrote all that time
	 */
	@Nullable SnapshotFile pin(Duration wait) throws IOException {
		captureAll(null);
		if (!this.database.lockWriters(wait)) {
			return null;
		}
		try {
			captureAll(null);
			this.staging.force();
			renewGuard();
			this.progress.snapshotNeeded(position().txid());
			return new SnapshotFile(this.database, position(), now());
		}
		finally {
			this.database.unlockWriters();
		}
	}

	/**
	 * Hand the guard over to what is committed now. To be called right after everything
	 * was captured: then the guard may come to stand on read lock 0, which lets the next
	 * writer restart the WAL, only when nothing in it is left to capture. For the guard
	 * before kept everything from being copied back that was committed after it, and lock
	 * 0 is given only when all is copied back.
	 */
	void renewGuard() throws IOException {
		WalIndexHeader before = this.database.index();
		// Noted before: the next writer may restart the WAL as soon as the guard is
		// renewed
		seal(isAllCopiedBack(before));
		this.database.renewGuard();
		WalIndexHeader after = this.database.index();
		if (position().isBeforeAnyWal() || position().isSameRun(after)) {
			seal(isAllCopiedBack(after));
		}
		else if (before.end().equals(position().wal()) && position().sealed(true).isFollowedBy(after)) {
			// Another process has copied the rest back just now, and a writer restarted
			// the
			// WAL before this could be seen
			seal(true);
		}
	}

	private boolean isAllCopiedBack(WalIndexHeader index) {
		return position().isBeforeAnyWal() ? index.frames() == 0
				: index.isBackfilled() && index.end().equals(position().wal());
	}

	private void seal(boolean sealed) throws IOException {
		if (sealed != position().sealed()) {
			this.position = position().sealed(sealed);
			this.positionFile.write(position());
		}
	}

	/**
	 * Note that the WAL was restarted, as soon as that can be seen: after a crash the new
	 * run could be told from one that somebody else has begun only as long as it is
	 * short.
	 * @param index what is committed
	 */
	void noteRun(WalIndexHeader index) throws IOException {
		if (index.frames() == 0 || position().isSameRun(index) || !position().isFollowedBy(index)) {
			return;
		}
		Optional<WalFile> wal = this.database.wal();
		if (wal.isPresent()) {
			this.position = position().inRun(wal.get().header().start());
			this.positionFile.write(position());
		}
	}

	/**
	 * Capture everything that is committed at this moment.
	 * @param since when the oldest commit of it was made, as {@link System#nanoTime};
	 * {@code null} for just now
	 * @return whether there was anything
	 * @throws ContinuityLostException when the WAL does not go on from the position
	 */
	boolean captureAll(@Nullable Long since) throws IOException {
		WalIndexHeader index = this.database.index();
		boolean any = false;
		while (position().isBehind(index)) {
			captureBatch(index, (since != null) ? since : System.nanoTime());
			any = true;
		}
		return any;
	}

	private void captureBatch(WalIndexHeader index, long since) throws IOException {
		WalFile wal = this.database.wal()
			.orElseThrow(() -> new IOException("the WAL of " + this.database.file() + " is not there"));
		WalHeader header = wal.header();
		WalBatch batch = wal.read(header, start(index, header), index.endOffset(), BATCH);
		if (batch.end().offset() == index.endOffset() && !batch.end().equals(index.end())) {
			throw new ContinuityLostException("wal-mismatch",
					"%s: SQLite's index says %s, the frames lead to %s".formatted(wal, index.end(), batch.end()));
		}
		Txid txid = position().txid().next();
		StagedFile file = stage(batch, txid, since);
		CapturePosition next = position().advancedTo(txid, batch.commit(), batch.end());
		this.positionFile.write(next);
		// Only now: what could not be noted is captured again
		this.position = next;
		this.progress.captured(txid);
		this.uploader.add(file);
	}

	private WalPosition start(WalIndexHeader index, WalHeader header) {
		CapturePosition position = position();
		if (position.isSameRun(index) && index.endOffset() > position.wal().offset()) {
			return position.wal();
		}
		if (!position.isSameRun(index) && position.isFollowedBy(index)) {
			return header.start();
		}
		throw new ContinuityLostException("wal-restarted", "%s was captured up to %s, but SQLite has %s now"
			.formatted(this.database.file(), position.wal(), index.end()));
	}

	private StagedFile stage(WalBatch batch, Txid txid, long since) throws IOException {
		IncrementalFile file = new IncrementalFile(batch, position().commit(), this.database);
		Instant timestamp = now();
		long bytes = batch.end().offset() - batch.start().offset();
		if (bytes > BATCH) {
			return this.staging.write(txid, timestamp, (out) -> file.write(out, txid, timestamp), since);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream((int) (bytes / 2) + 1024);
		file.write(out, txid, timestamp);
		return this.staging.write(txid, timestamp, out.toByteArray(), since);
	}

	/**
	 * The time of a new file: never before that of the one before, since restores to a
	 * time rely on it.
	 */
	private Instant now() {
		notBefore(Instant.ofEpochMilli(System.currentTimeMillis()));
		return this.newest;
	}

}
