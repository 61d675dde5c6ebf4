package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

import io.github.litestream4j.scratch.ScratchFile;

/**
 * Reads a temporary file from its start to its end.
 */
final class ScratchInput extends InputStream {

	private final ScratchFile file;

	private final boolean owned;

	private long position;

	/**
	 * Begin at the start.
	 * @param file the file
	 * @param owned whether the file ends with this stream
	 */
	ScratchInput(ScratchFile file, boolean owned) {
		this.file = file;
		this.owned = owned;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(one[0]);
	}

	@Override
	public int read(byte[] into, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, into.length);
		if (length == 0) {
			return 0;
		}
		int count = (int) Math.min(length, this.file.size() - this.position);
		if (count == 0) {
			return -1;
		}
		this.file.read(ByteBuffer.wrap(into, offset, count), this.position);
		this.position += count;
		return count;
	}

	@Override
	public void close() throws IOException {
		if (this.owned) {
			this.file.close();
		}
	}

}
