package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * Many bytes: how they are made, and whether two files have the same.
 */
final class BigBytes {

	private static final int PIECE = 1 << 20;

	/** Random bytes, repeated up to this length: about a third when compressed. */
	private static final int PERIOD = 1344;

	private BigBytes() {
	}

	static void fill(Random random, byte[] bytes) {
		byte[] period = new byte[PERIOD];
		for (int at = 0; at < bytes.length; at += 3 * PERIOD) {
			random.nextBytes(period);
			for (int copy = 0; copy < 3 && at + copy * PERIOD < bytes.length; copy++) {
				int start = at + copy * PERIOD;
				System.arraycopy(period, 0, bytes, start, Math.min(PERIOD, bytes.length - start));
			}
		}
	}

	/**
	 * Where two files differ first.
	 * @return the byte, or -1 when they are alike
	 */
	static long mismatch(Path first, Path second) throws IOException {
		try (FileChannel one = FileChannel.open(first, StandardOpenOption.READ);
				FileChannel other = FileChannel.open(second, StandardOpenOption.READ)) {
			long size = Math.min(one.size(), other.size());
			ByteBuffer a = ByteBuffer.allocateDirect(PIECE);
			ByteBuffer b = ByteBuffer.allocateDirect(PIECE);
			for (long at = 0; at < size; at += PIECE) {
				int different = read(one, a, at).mismatch(read(other, b, at));
				if (different >= 0) {
					return at + different;
				}
			}
			return (one.size() == other.size()) ? -1 : size;
		}
	}

	private static ByteBuffer read(FileChannel file, ByteBuffer into, long position) throws IOException {
		into.clear();
		while (into.hasRemaining() && file.read(into, position + into.position()) >= 0) {
			// until it is full, or the file ends
		}
		return into.flip();
	}

}
