package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Builds the page index of a file as its final bytes, so that a page costs ten bytes of
 * memory or so and no object.
 */
final class IndexEncoder {

	private static final int LARGEST_CHUNK = 1 << 20;

	/** Three varints: a page number of 32 bits, an offset of 63, a length of 31. */
	static final int LONGEST_ENTRY = 5 + 9 + 5;

	private final List<byte[]> full = new ArrayList<>();

	private byte[] chunk = new byte[256];

	private int used;

	void add(long page, long offset, int length) {
		// One byte more, for the closing 0.
		if (this.chunk.length - this.used <= LONGEST_ENTRY) {
			this.full.add(Arrays.copyOf(this.chunk, this.used));
			this.chunk = new byte[Math.min(this.chunk.length * 2, LARGEST_CHUNK)];
			this.used = 0;
		}
		this.used = put(this.chunk, this.used, page, offset, length);
	}

	/**
	 * Give everything out, the closing 0 included.
	 * @return the number of bytes
	 */
	long writeTo(OutputStream out, Crc64 checksum) throws IOException {
		long length = 0;
		for (byte[] part : this.full) {
			checksum.update(part, 0, part.length);
			out.write(part);
			length += part.length;
		}
		this.chunk[this.used++] = 0;
		checksum.update(this.chunk, 0, this.used);
		out.write(this.chunk, 0, this.used);
		return length + this.used;
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
