package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;
import io.github.litestream4j.wal.WalPosition;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what is committed into staged files, and knows how far it got. Not safe for use
 * by several threads.
 */
final class Capture {

	private static final Logger logger = LoggerFactory.getLogger(Capture.class);

	/**
	 * How much of the WAL one file is made of, in bytes, but for a longer transaction.
	 */
	private static final int BATCH = 16 << 20;

	private static final int SMALLEST_BATCH = 1 << 16;

	private final LiveDatabase database;

	private final Staging staging;

	private final PositionFile positionFile;

	private final Progress progress;

	private final Uploader uploader;

	private final PageChecksums checksums;

	private final WriterPace pace = new WriterPace();

	private @Nullable CapturePosition position;

	private Instant newest = Instant.EPOCH;

	/** As {@link #BATCH}, or less while there is no space for that. */
	private int batch = BATCH;

	Capture(LiveDatabase database, Staging staging, PositionFile positionFile, Progress progress, Uploader uploader,
			PageChecksums checksums) {
		this.database = database;
		this.staging = staging;
		this.positionFile = positionFile;
		this.progress = progress;
		this.uploader = uploader;
		this.checksums = checksums;
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
	 * Recall the pages' checksums at a position. Takes time that grows with the database:
	 * never to be called while writers are locked out.
	 * @return whether they are known
	 */
	boolean recall(CapturePosition position) throws IOException {
		if (position.checksum() != 0) {
			this.checksums.load(position.txid().value(), position.checksum(), position.commit());
		}
		return position.checksum() != 0 && !lacksChecksums();
	}

	/**
	 * Go on from a position that is known to be right, after {@link #recall}.
	 */
	void continueFrom(CapturePosition position) throws IOException {
		moveTo(position);
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
		if (!pinAnew(txid, wait)) {
			return null;
		}
		this.progress.snapshotNeeded(txid);
		return new SnapshotFile(reading(), now());
	}

	/**
	 * Go on with the pages that differ now from those of a position that was lost.
	 * Afterwards the guard stands at the new position.
	 * @param former the lost position, whose file is stored or staged
	 * @param wait how long to wait for the write lock
	 * @return the file of those pages, to be staged before the guard is renewed: where
	 * only their checksum as a whole is known, it can be staged when none differs; empty
	 * when not even that is known, or when somebody wrote all that time
	 */
	Optional<DeltaFile> beginDelta(CapturePosition former, Duration wait) throws IOException {
		if (former.checksum() == 0) {
			return Optional.empty();
		}
		FormerPages pages = recall(former) ? this.checksums.copy() : new FormerTotal(former.checksum());
		Txid txid = former.txid().next();
		if (!pinAnew(txid, wait)) {
			pages.close();
			return Optional.empty();
		}
		this.progress.deltaNeeded(txid);
		return Optional.of(new DeltaFile(reading(), pages, this.staging, now()));
	}

	private boolean pinAnew(Txid txid, Duration wait) throws IOException {
		// Leaves little to be overlaid, and nothing to do under the lock
		this.database.checkpoint();
		if (!this.database.lockWriters(wait)) {
			return false;
		}
		try {
			this.database.renewGuard();
			WalIndexHeader index = this.database.index();
			long commit = (index.frames() > 0) ? index.commit() : this.database.pageCount();
			continueFrom(CapturePosition.atEnd(txid, this.database.pageSize(), commit, index));
			// Only now: until the new position is noted the old one can be compared
			this.checksums.forget();
			return true;
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
		return pinGuard(wait) ? new SnapshotFile(reading(), this.newest) : null;
	}

	/**
	 * Capture what is committed, and pin the guard there, to read each page once.
	 * @param wait how long to wait for the write lock
	 * @return the reading, to end before the guard is renewed; {@code null} when somebody
	 * wrote all that time
	 */
	@Nullable PageReading pinToRead(Duration wait) throws IOException {
		return pinGuard(wait) ? reading() : null;
	}

	private boolean pinGuard(Duration wait) throws IOException {
		if (!shortLock().take(false, wait)) {
			return false;
		}
		try {
			captureAll(null);
			this.staging.force();
			renewGuard();
			return true;
		}
		finally {
			this.database.unlockWriters();
		}
	}

	/** Locks writers out for a moment. */
	ShortLock shortLock() {
		return new ShortLock(this.database, this, this.staging, this.pace);
	}

	/** Slows writers down when it has to. */
	WriterPace pace() {
		return this.pace;
	}

	private PageReading reading() {
		return PageReading.of(new PinnedPages(this.database, position(), this.staging.scratch()), this.checksums);
	}

	/** Whether all pages were read since the start. */
	boolean isVerified() {
		return this.checksums.isVerified();
	}

	/**
	 * Whether the pages' checksums have to be read once more.
	 */
	boolean lacksChecksums() {
		return this.checksums.total().isEmpty();
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
		// renewed. Where one has done so already, the former run stays sealed
		if (!position().sealed() || position().isBeforeAnyWal() || position().isSameRun(before)) {
			seal(isAllCopiedBack(before));
		}
		this.database.renewGuard();
		WalIndexHeader after = this.database.index();
		if (position().isBeforeAnyWal() || position().isSameRun(after)) {
			seal(isAllCopiedBack(after));
		}
		else if (before.end().equals(position().wal()) && isFollowedBy(position().sealed(true), after)) {
			// Another process has copied the rest back, and a writer has restarted
			// the WAL before this could be seen
			seal(true);
		}
	}

	private boolean isAllCopiedBack(WalIndexHeader index) {
		return position().isBeforeAnyWal() ? index.frames() == 0
				: index.isBackfilled() && index.end().equals(position().wal());
	}

	private void seal(boolean sealed) throws IOException {
		if (sealed != position().sealed()) {
			moveTo(position().sealed(sealed));
		}
	}

	/**
	 * Whether the WAL's present run is the one that follows a position. While we hold the
	 * guard on read lock 0, nothing of a run can be copied back, and so none can be
	 * followed by another: the run after a sealed position follows it, also when its
	 * salts do not. A connection that knows of no checkpoint makes them up for the run
	 * that it begins in a WAL that another process has cut. It must be in the file that
	 * we have open: a new file would mean that somebody took the guard for gone.
	 */
	private boolean isFollowedBy(CapturePosition position, WalIndexHeader index) throws IOException {
		if (position.isFollowedBy(index)) {
			return true;
		}
		Optional<WalFile> wal = position.sealed() ? this.database.wal() : Optional.empty();
		return wal.isPresent() && wal.get().header().start().isSameRun(index.salt1(), index.salt2());
	}

	/**
	 * Note that the WAL was restarted, as soon as that can be seen: after a crash the new
	 * run could be told from one that somebody else has begun only as long as it is
	 * short.
	 * @param index what is committed
	 */
	void noteRun(WalIndexHeader index) throws IOException {
		if (index.frames() == 0 || position().isSameRun(index) || !isFollowedBy(position(), index)) {
			return;
		}
		Optional<WalFile> wal = this.database.wal();
		if (wal.isPresent()) {
			moveTo(position().inRun(wal.get().header().start()));
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
			try {
				captureBatch(index, (since != null) ? since : System.nanoTime());
			}
			catch (StagingException ex) {
				// What has piled up might never fit into a small disk as one file
				this.batch = Math.max(this.batch / 4, SMALLEST_BATCH);
				throw ex;
			}
			any = true;
		}
		this.batch = BATCH;
		return any;
	}

	private void captureBatch(WalIndexHeader index, long since) throws IOException {
		WalFile wal = this.database.wal()
			.orElseThrow(() -> new IOException("the WAL of " + this.database.file() + " is not there"));
		WalHeader header = wal.header();
		WalPosition start = start(index, header);
		try (WalBatch batch = wal.read(header, start, index.endOffset(), this.batch, this.staging.scratch());
				BatchFile file = new BatchFile(position().txid().next(), batch, this.staging, this.checksums)) {
			if (batch.end().offset() == index.endOffset() && !batch.end().equals(index.end())) {
				throw new ContinuityLostException("wal-mismatch",
						"%s: SQLite's index says %s, the frames lead to %s".formatted(wal, index.end(), batch.end()));
			}
			capture(batch, file, since);
			this.progress.observer().captured(batch.end().offset() - start.offset());
		}
	}

	private void capture(WalBatch batch, BatchFile file, long since) throws IOException {
		StagedFile staged = file.stage(position().commit(), this.database, now(), since);
		moveTo(position().advancedTo(file.txid(), batch.commit(), batch.end(), file.checksum()));
		this.progress.captured(file.txid());
		this.uploader.add(staged);
		try {
			file.changeChecksums();
		}
		catch (IOException ex) {
			// They are read from all pages again
			this.progress.failed(ErrorStage.CHECKSUMS, "Cannot keep the checksums of pages: " + ex.getMessage());
			logger.warn("cannot keep the checksums of pages of {}, and will read all again: {}", this.database.file(),
					ex.toString());
		}
	}

	/**
	 * Stand at a position once it is noted: what could not be noted is done again.
	 */
	private void moveTo(CapturePosition next) throws IOException {
		this.positionFile.write(next);
		this.position = next;
	}

	/**
	 * Note the database's checksum with the position, once it is known.
	 */
	void noteChecksum() throws IOException {
		OptionalLong total = this.checksums.total();
		if (position().checksum() == 0 && total.isPresent()) {
			moveTo(position().withChecksum(total.getAsLong()));
		}
	}

	private WalPosition start(WalIndexHeader index, WalHeader header) throws IOException {
		CapturePosition position = position();
		if (position.isSameRun(index) && index.endOffset() > position.wal().offset()) {
			return position.wal();
		}
		if (!position.isSameRun(index) && isFollowedBy(position, index)) {
			return header.start();
		}
		throw new ContinuityLostException("wal-restarted", "%s was captured up to %s, but SQLite has %s now"
			.formatted(this.database.file(), position.wal(), index.end()));
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
