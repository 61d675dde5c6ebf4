package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.LtxKey;

/**
 * Writes the whole database as it stood at a position, while commits go on.
 */
final class SnapshotFile implements BodyWriter {

	private final PageReading pages;

	private final Instant timestamp;

	private volatile long checksum;

	SnapshotFile(PageReading pages, Instant timestamp) {
		this.pages = pages;
		this.timestamp = timestamp;
	}

	CapturePosition position() {
		return this.pages.position();
	}

	/** Where it is stored. */
	LtxKey key() {
		return new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, position().txid()));
	}

	Instant timestamp() {
		return this.timestamp;
	}

	/**
	 * The database's checksum at the position, known when the file is written.
	 */
	long checksum() {
		return this.checksum;
	}

	@Override
	public void writeTo(OutputStream out) throws IOException {
		CapturePosition position = position();
		LtxHeader header = LtxHeader.of(position.pageSize(), position.commit(), Txid.FIRST, position.txid(),
				this.timestamp);
		try (LtxWriter writer = new LtxWriter(out, header, this.pages.scratch())) {
			this.checksum = this.pages.read((number, page, sum) -> writer.writePage(number, page, 0));
			writer.finish(0);
		}
	}

}
