package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.InterruptedIOException;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

/**
 * All pages of a database as they stood at a position, while commits go on. The guard
 * must have been taken at that position and must not be renewed meanwhile: then nobody
 * copies a later frame into the database file, and each page that an earlier frame may
 * still be copied to is read from the WAL instead.
 *
 * @param database the database
 * @param position the position
 * @param scratch where is kept what is too much for memory
 */
record PinnedPages(LiveDatabase database, CapturePosition position, ScratchFolder scratch) {

	/**
	 * Read them in order, all but the lock page. When this returns it is proven that each
	 * was what it was at the position.
	 * @throws InterruptedIOException when the thread is interrupted
	 * @throws ContinuityLostException when a later frame was copied back meanwhile
	 */
	void forEach(Visitor visitor) throws IOException {
		if (this.position.sealed()) {
			read(visitor, null);
			return;
		}
		// A file of our own: the one of the database belongs to the capturing thread
		try (WalFile wal = this.database.openWal();
				WalBatch batch = wal.readAll(wal.header(), this.position.wal(), this.scratch)) {
			read(visitor, batch.pages());
		}
	}

	private void read(Visitor visitor, WalBatch.@Nullable Pages overlay) throws IOException {
		byte[] page = new byte[this.position.pageSize()];
		long lockPage = LtxHeader.lockPage(this.position.pageSize());
		WalBatch.Pages ahead = (overlay != null && overlay.next()) ? overlay : null;
		for (long number = 1; number <= this.position.commit(); number++) {
			if (Thread.currentThread().isInterrupted()) {
				throw new InterruptedIOException("the reading of all pages was given up");
			}
			if (ahead != null && ahead.number() == number) {
				ahead.read(page);
				ahead = ahead.next() ? ahead : null;
			}
			else if (number != lockPage) {
				this.database.readPage(number, page);
			}
			if (number != lockPage) {
				visitor.page(number, page);
			}
		}
		requireUntouched();
	}

	/**
	 * What the guard must have kept off did not happen: no frame after the position was
	 * copied into the database file while it was read.
	 */
	private void requireUntouched() throws IOException {
		WalIndexHeader index = this.database.index();
		boolean untouched;
		if (this.position.isSameRun(index)) {
			long frames = (this.position.wal().offset() - WalHeader.SIZE)
					/ (WalHeader.FRAME_HEADER_SIZE + this.position.pageSize());
			untouched = Math.max(index.backfilled(), index.attempted()) <= frames;
		}
		else {
			untouched = index.backfilled() == 0 && index.attempted() == 0 && isFollowedBy(index);
		}
		if (!untouched) {
			throw new ContinuityLostException("foreign-checkpoint",
					"%s was checkpointed while it was copied: the read transaction that forbids this has lost its lock"
						.formatted(this.database.file()));
		}
	}

	/**
	 * Each checkpoint that truncates the WAL makes new salts, and a writer that knows of
	 * no checkpoint makes them up, see {@link Capture}. All of the run that the position
	 * is in was copied back before, and of the one after it nothing can be.
	 */
	private boolean isFollowedBy(WalIndexHeader index) throws IOException {
		if (!this.position.sealed() || this.position.isFollowedBy(index) || index.frames() == 0) {
			return this.position.sealed() || this.position.isFollowedBy(index);
		}
		try (WalFile wal = this.database.openWal()) {
			return wal.header().start().isSameRun(index.salt1(), index.salt2());
		}
	}

	/**
	 * Takes a page.
	 */
	@FunctionalInterface
	interface Visitor {

		/**
		 * Take a page.
		 * @param number its number
		 * @param page its bytes, which are overwritten afterwards
		 */
		void page(long number, byte[] page) throws IOException;

	}

}
