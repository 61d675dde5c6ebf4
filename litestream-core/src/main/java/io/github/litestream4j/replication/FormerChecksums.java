package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The pages' checksums as they were at a position that was lost, to be looked up in
 * ascending order, from the start again where a reading begins again. Not safe for use by
 * several threads.
 */
final class FormerChecksums implements FormerPages {

	private static final int CHUNK = 1 << 16;

	private final FileChannel channel;

	private final long pages;

	private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);

	/** The page whose checksum is the first of the chunk. */
	private long first = 1;

	/**
	 * Open a copy of the checksums, which is deleted when it is closed.
	 * @param copy the copy
	 * @param pages how many pages the database had
	 */
	FormerChecksums(Path copy, long pages) throws IOException {
		this.channel = FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
		this.pages = pages;
	}

	@Override
	public boolean differs(long page, long checksum) throws IOException {
		if (page > this.pages) {
			return true;
		}
		if (page < this.first || page >= this.first + this.chunk.limit() / Long.BYTES) {
			fill(page);
		}
		int offset = Math.toIntExact((page - this.first) * Long.BYTES);
		return offset + Long.BYTES > this.chunk.limit() || this.chunk.getLong(offset) != checksum;
	}

	@Override
	public void end(long total) {
		// Each page was told
	}

	private void fill(long page) throws IOException {
		this.first = page;
		this.chunk.clear();
		long position = (page - 1) * Long.BYTES;
		while (this.chunk.hasRemaining() && this.channel.read(this.chunk, position + this.chunk.position()) > 0) {
			// until it is full, or the file ends
		}
		this.chunk.flip();
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
