package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.OptionalLong;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;

/**
 * The pages that differ between the last position that was captured and the one at which
 * the history goes on, when it cannot be proven what happened between the two: a file of
 * level 0 like any other, in the place of a whole snapshot.
 */
final class DeltaFile implements AutoCloseable {

	private final PageReading pages;

	private final FormerPages former;

	private final Staging staging;

	private final Instant timestamp;

	private long checksum;

	private long differing;

	private volatile boolean lost;

	DeltaFile(PageReading pages, FormerPages former, Staging staging, Instant timestamp) {
		this.pages = pages;
		this.former = former;
		this.staging = staging;
		this.timestamp = timestamp;
	}

	CapturePosition position() {
		return this.pages.position();
	}

	/**
	 * How many pages differ, known when the file is staged.
	 */
	long differing() {
		return this.differing;
	}

	/**
	 * Read all pages, and stage those that differ. To be called again where it fails with
	 * an {@link IOException}, which proves nothing, as long as it {@link #isLost is not
	 * lost}.
	 */
	StagedFile stage() throws IOException {
		this.differing = 0;
		try {
			StagedFile staged = this.staging.write(position().txid(), this.timestamp, (out) -> write(out, this.former),
					() -> OptionalLong.of(this.checksum), System.nanoTime());
			this.former.close();
			return staged;
		}
		catch (RuntimeException ex) {
			this.lost = true;
			throw ex;
		}
	}

	/**
	 * Whether the pages cannot be compared any more.
	 */
	boolean isLost() {
		return this.lost;
	}

	@Override
	public void close() throws IOException {
		this.former.close();
	}

	private void write(OutputStream out, FormerPages former) throws IOException {
		CapturePosition position = position();
		LtxHeader header = LtxHeader.of(position.pageSize(), position.commit(), position.txid(), position.txid(),
				this.timestamp);
		try (LtxWriter writer = new LtxWriter(out, header, this.pages.scratch())) {
			this.checksum = this.pages.read((number, page, sum) -> {
				boolean differs = former.differs(number, sum);
				this.differing += differs ? 1 : 0;
				// The first page is always there: not every reader takes a file without
				// pages
				if (differs || number == 1) {
					writer.writePage(number, page, 0);
				}
			});
			former.end(this.checksum);
			writer.finish(0);
		}
	}

}
