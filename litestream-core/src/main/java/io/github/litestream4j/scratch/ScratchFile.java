package io.github.litestream4j.scratch;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A temporary file that is written once from its start to its end, and read at any place.
 * One thread may write; reading is safe for use by several.
 */
public final class ScratchFile implements AutoCloseable {

	private final Path path;

	private final FileChannel channel;

	private long size;

	ScratchFile(Path path, FileChannel channel) {
		this.path = path;
		this.channel = channel;
	}

	/**
	 * Add bytes at the end.
	 * @param bytes what remains of it is written
	 * @throws IOException when it cannot be written
	 */
	public void append(ByteBuffer bytes) throws IOException {
		while (bytes.hasRemaining()) {
			this.size += this.channel.write(bytes, this.size);
		}
	}

	/**
	 * How much was written.
	 * @return in bytes
	 */
	public long size() {
		return this.size;
	}

	/**
	 * Read bytes.
	 * @param into is filled from its position to its limit
	 * @param position the first byte's
	 * @throws IOException when they cannot be read
	 */
	public void read(ByteBuffer into, long position) throws IOException {
		long at = position;
		while (into.hasRemaining()) {
			int count = this.channel.read(into, at);
			if (count < 0) {
				throw new EOFException(this.path + " ends before byte " + (at + into.remaining())
						+ ": its disk was full, or it was cut");
			}
			at += count;
		}
	}

	/** Delete it. */
	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
