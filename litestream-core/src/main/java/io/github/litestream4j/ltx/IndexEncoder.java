package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * Builds the page index of a file as its final bytes: ten bytes a page or so. What is too
 * much for memory goes into a temporary file.
 */
final class IndexEncoder implements AutoCloseable {

	/** How much is kept in memory, in bytes. */
	static final int IN_MEMORY = 1 << 20;

	private static final int PIECE = 1 << 16;

	/** Three varints: a page number of 32 bits, an offset of 63, a length of 31. */
	static final int LONGEST_ENTRY = 5 + 9 + 5;

	private final @Nullable ScratchFolder scratch;

	private byte[] bytes = new byte[256];

	private int used;

	private @Nullable ScratchFile file;

	/**
	 * Begin an index.
	 * @param scratch where temporary files are made, {@code null} to keep all in memory
	 */
	IndexEncoder(@Nullable ScratchFolder scratch) {
		this.scratch = scratch;
	}

	void add(long page, long offset, int length) throws IOException {
		// One byte more, for the closing 0.
		if (this.bytes.length - this.used <= LONGEST_ENTRY) {
			if (this.scratch != null && this.bytes.length >= IN_MEMORY) {
				spill(this.scratch);
			}
			else {
				this.bytes = Arrays.copyOf(this.bytes, this.bytes.length * 2);
			}
		}
		this.used = put(this.bytes, this.used, page, offset, length);
	}

	private void spill(ScratchFolder scratch) throws IOException {
		ScratchFile target = this.file;
		if (target == null) {
			target = scratch.create();
			this.file = target;
		}
		target.append(ByteBuffer.wrap(this.bytes, 0, this.used));
		this.used = 0;
	}

	/**
	 * Give everything out, the closing 0 included.
	 * @return the number of bytes
	 */
	long writeTo(OutputStream out, Crc64 checksum) throws IOException {
		long length = 0;
		ScratchFile source = this.file;
		if (source != null) {
			byte[] piece = new byte[PIECE];
			for (; length < source.size(); length += piece.length) {
				int size = (int) Math.min(PIECE, source.size() - length);
				source.read(ByteBuffer.wrap(piece, 0, size), length);
				checksum.update(piece, 0, size);
				out.write(piece, 0, size);
			}
			length = source.size();
		}
		this.bytes[this.used++] = 0;
		checksum.update(this.bytes, 0, this.used);
		out.write(this.bytes, 0, this.used);
		return length + this.used;
	}

	@Override
	public void close() throws IOException {
		ScratchFile open = this.file;
		if (open != null) {
			open.close();
		}
	}

	static int put(byte[] target, int at, long page, long offset, int length) {
		return putVarint(target, putVarint(target, putVarint(target, at, page), offset), length);
	}

	private static int putVarint(byte[] target, int start, long value) {
		int at = start;
		long rest = value;
		while (rest > 0x7f) {
			target[at++] = (byte) (rest | 0x80);
			rest >>>= 7;
		}
		target[at++] = (byte) rest;
		return at;
	}

}
