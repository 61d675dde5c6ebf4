package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Instant;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

/**
 * Writes the whole database as it stood at a position, while commits go on. The guard
 * must have been taken at that position and must not be renewed meanwhile: then nobody
 * copies a later frame into the database file, and each page that an earlier frame may
 * still be copied to is read from the WAL instead.
 *
 * @param database the database
 * @param position the position
 * @param timestamp the position's time
 */
record SnapshotFile(LiveDatabase database, CapturePosition position, Instant timestamp) implements BodyWriter {

	@Override
	public void writeTo(OutputStream out) throws IOException {
		if (this.position.sealed()) {
			write(out, null);
			return;
		}
		// A file of our own: the one of the database belongs to the capturing thread
		try (WalFile wal = this.database.openWal()) {
			write(out, wal.readAll(wal.header(), this.position.wal()));
		}
	}

	private void write(OutputStream out, @Nullable WalBatch overlay) throws IOException {
		LtxHeader header = LtxHeader.of(this.position.pageSize(), this.position.commit(), Txid.FIRST,
				this.position.txid(), this.timestamp);
		byte[] page = new byte[header.pageSize()];
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (long number = 1; number <= header.commit(); number++) {
				if (number == header.lockPage()) {
					continue;
				}
				if (Thread.currentThread().isInterrupted()) {
					throw new InterruptedIOException("the snapshot was given up");
				}
				int index = (overlay != null) ? overlay.indexOf(number) : -1;
				if (overlay != null && index >= 0) {
					overlay.read(index, page);
				}
				else {
					this.database.readPage(number, page);
				}
				writer.writePage(number, page, 0);
			}
			requireUntouched();
			writer.finish(0);
		}
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
			untouched = index.backfilled() <= frames;
		}
		else {
			untouched = this.position.isFollowedBy(index) && index.backfilled() == 0;
		}
		if (!untouched) {
			throw new ContinuityLostException("foreign-checkpoint",
					"%s was checkpointed while it was copied: the read transaction that forbids this has lost its lock"
						.formatted(this.database.file()));
		}
	}

}
