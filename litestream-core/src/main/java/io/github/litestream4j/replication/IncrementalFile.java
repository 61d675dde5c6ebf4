package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.wal.WalBatch;

/**
 * Writes the LTX file of one or more commits: every page that they wrote, and every page
 * that the database grew by.
 *
 * @param batch the commits' pages
 * @param formerCommit the database's size before them, in pages
 * @param database where a page is found that grew the database and was never written
 * @param scratch where is kept what is too much for memory
 */
record IncrementalFile(WalBatch batch, long formerCommit, LiveDatabase database, ScratchFolder scratch) {

	/**
	 * Write the file.
	 * @param sums takes the checksums of the pages in it
	 */
	void write(OutputStream out, Txid txid, Instant timestamp, PageSums sums) throws IOException {
		WalBatch batch = this.batch;
		LtxHeader header = LtxHeader.of(batch.pageSize(), batch.commit(), txid, txid, timestamp)
			.withWal(batch.start().offset(), batch.end().offset() - batch.start().offset(), batch.end().salt1(),
					batch.end().salt2());
		byte[] page = new byte[batch.pageSize()];
		long lockPage = LtxHeader.lockPage(batch.pageSize());
		long grown = this.formerCommit + 1;
		try (LtxWriter writer = new LtxWriter(out, header, this.scratch)) {
			for (WalBatch.Pages pages = batch.pages(); pages.next();) {
				long number = pages.number();
				grown = fill(writer, sums, grown, Math.min(number - 1, batch.commit()), lockPage, page);
				if (number != lockPage) {
					pages.read(page);
					writer.writePage(number, page, 0);
					sums.add(number, page);
				}
				grown = Math.max(grown, number + 1);
			}
			fill(writer, sums, grown, batch.commit(), lockPage, page);
			writer.finish(0);
		}
	}

	/**
	 * SQLite grows a database without writing a page that was freed in the same
	 * transaction. Nothing reads such a page, but a restore needs every page up to the
	 * database's end.
	 */
	private long fill(LtxWriter writer, PageSums sums, long from, long to, long lockPage, byte[] page)
			throws IOException {
		long number = from;
		for (; number <= to; number++) {
			if (number != lockPage) {
				this.database.readPage(number, page);
				writer.writePage(number, page, 0);
				sums.add(number, page);
			}
		}
		return number;
	}

}
