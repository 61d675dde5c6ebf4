package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes the checksums of pages into their file, those that follow each other at once.
 * Not safe for use by several threads.
 */
final class EntryRuns {

	private static final int SHORT = 1 << 10;

	private static final int LONGEST = 1 << 16;

	private final SteadyFile entries;

	private ByteBuffer run = ByteBuffer.allocate(SHORT);

	private long next;

	EntryRuns(SteadyFile entries) {
		this.entries = entries;
	}

	/**
	 * Write a checksum.
	 * @param page the page, above those before
	 * @param sum its checksum
	 */
	void put(long page, long sum) throws IOException {
		if (page != this.next) {
			flush();
		}
		else if (!this.run.hasRemaining()) {
			flush();
			this.run = ByteBuffer.allocate(LONGEST);
		}
		this.run.putLong(sum);
		this.next = page + 1;
	}

	/** Write what is not written yet. */
	void flush() throws IOException {
		this.run.flip();
		if (this.run.hasRemaining()) {
			this.entries.write(this.run, (this.next - 1) * Long.BYTES - this.run.limit());
		}
		this.run.clear();
	}

}
