package io.github.litestream4j.restore.legacy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/**
 * The database that is being made: first the snapshot's bytes, then pages.
 *
 * @param channel the file, which nobody else has open
 */
record DatabaseFile(FileChannel channel) {

	private static final int PAGE_SIZE_OFFSET = 16;

	private static final int CHUNK = 1 << 18;

	/**
	 * Begin with a snapshot.
	 * @param progress is told now and then how many pages are there
	 */
	void fill(InputStream snapshot, LongConsumer progress) throws IOException {
		byte[] chunk = new byte[CHUNK];
		long position = 0;
		for (int length = snapshot.read(chunk); length >= 0; length = snapshot.read(chunk)) {
			write(ByteBuffer.wrap(chunk, 0, length), position);
			position += length;
			progress.accept(pages());
		}
	}

	/**
	 * The page size that its header names.
	 * @return in bytes; 0 when the file is too short to have a header
	 */
	int pageSize() throws IOException {
		ByteBuffer bytes = ByteBuffer.allocate(Short.BYTES);
		while (bytes.hasRemaining()) {
			if (this.channel.read(bytes, PAGE_SIZE_OFFSET + bytes.position()) < 0) {
				return 0;
			}
		}
		int size = Short.toUnsignedInt(bytes.getShort(0));
		return (size == 1) ? 65536 : size;
	}

	/**
	 * How large it is.
	 * @return in pages; 0 when there is no header
	 */
	long pages() throws IOException {
		int pageSize = pageSize();
		return (pageSize == 0) ? 0 : this.channel.size() / pageSize;
	}

	void write(ByteBuffer bytes, long start) throws IOException {
		long position = start;
		while (bytes.hasRemaining()) {
			position += this.channel.write(bytes, position);
		}
	}

	/**
	 * Cut it off, or let it grow by zeros, as SQLite does at the end of a checkpoint.
	 */
	void resize(long size) throws IOException {
		if (this.channel.size() > size) {
			this.channel.truncate(size);
		}
		else if (this.channel.size() < size) {
			write(ByteBuffer.allocate(1), size - 1);
		}
	}

}
