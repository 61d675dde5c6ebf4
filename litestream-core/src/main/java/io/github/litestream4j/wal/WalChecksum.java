package io.github.litestream4j.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The running checksum of a WAL, sqlite.org/fileformat2.html section 4.2: two 32-bit sums
 * over pairs of 32-bit words, in the byte order that the WAL's magic number names.
 */
final class WalChecksum {

	private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

	private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

	private final VarHandle words;

	private int sum1;

	private int sum2;

	WalChecksum(boolean bigEndian, int sum1, int sum2) {
		this.words = bigEndian ? BIG : LITTLE;
		this.sum1 = sum1;
		this.sum2 = sum2;
	}

	/**
	 * Add bytes.
	 * @param bytes where they are
	 * @param offset the first
	 * @param length how many, a multiple of 8
	 */
	void update(byte[] bytes, int offset, int length) {
		if (this.words == LITTLE) {
			updateLittle(bytes, offset, offset + length);
		}
		else {
			updateBig(bytes, offset, offset + length);
		}
	}

	// Twice the same loop: the JIT needs a constant VarHandle to read a word at once

	private void updateLittle(byte[] bytes, int from, int to) {
		int a = this.sum1;
		int b = this.sum2;
		for (int i = from; i < to; i += 8) {
			a += (int) LITTLE.get(bytes, i) + b;
			b += (int) LITTLE.get(bytes, i + 4) + a;
		}
		this.sum1 = a;
		this.sum2 = b;
	}

	private void updateBig(byte[] bytes, int from, int to) {
		int a = this.sum1;
		int b = this.sum2;
		for (int i = from; i < to; i += 8) {
			a += (int) BIG.get(bytes, i) + b;
			b += (int) BIG.get(bytes, i + 4) + a;
		}
		this.sum1 = a;
		this.sum2 = b;
	}

	int sum1() {
		return this.sum1;
	}

	int sum2() {
		return this.sum2;
	}

	boolean matches(int sum1, int sum2) {
		return this.sum1 == sum1 && this.sum2 == sum2;
	}

}
