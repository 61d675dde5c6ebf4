package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks up the checksums of pages in ascending order, a piece of their file at a time.
 * Not safe for use by several threads.
 */
final class EntryPieces {

	private static final int PIECE = 4096;

	private final SteadyFile entries;

	private final long pages;

	private final ByteBuffer piece = ByteBuffer.allocate(PIECE).limit(0);

	/** The page whose checksum is the first of the piece. */
	private long first = 1;

	/**
	 * Begin.
	 * @param entries the file
	 * @param pages how many pages have a checksum
	 */
	EntryPieces(SteadyFile entries, long pages) {
		this.entries = entries;
		this.pages = pages;
	}

	/**
	 * The checksum of a page.
	 * @param page its number, not below the one before
	 * @return 0 when it has none
	 */
	long entry(long page) throws IOException {
		if (page > this.pages) {
			return 0;
		}
		if (page >= this.first + this.piece.limit() / Long.BYTES) {
			this.first = page;
			this.piece.clear();
			this.entries.read(this.piece, (page - 1) * Long.BYTES);
			this.piece.flip();
		}
		int offset = Math.toIntExact((page - this.first) * Long.BYTES);
		return (offset + Long.BYTES <= this.piece.limit()) ? this.piece.getLong(offset) : 0;
	}

}
