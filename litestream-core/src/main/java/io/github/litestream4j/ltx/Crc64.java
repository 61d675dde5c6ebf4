package io.github.litestream4j.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The CRC-64 of LTX files: the reflected one of ISO 3309, polynomial
 * {@code 0xD800000000000000}, with an initial value and a final xor of all ones. Not safe
 * for use by several threads.
 */
public final class Crc64 {

	/** Set in every stored checksum, so that none is ever 0. */
	static final long FLAG = 1L << 63;

	private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	private static final long INITIAL = -1;

	/** Bytes that four lanes take in one step. */
	private static final int STRIDE = 4 * Long.BYTES;

	private long state = INITIAL;

	/**
	 * Take bytes in.
	 * @param bytes where they are
	 * @param offset the first
	 * @param length how many
	 */
	public void update(byte[] bytes, int offset, int length) {
		this.state = advance(this.state, bytes, offset, length);
	}

	/**
	 * Take in what remains of a buffer; its position is its limit afterwards.
	 * @param bytes the bytes
	 */
	public void update(ByteBuffer bytes) {
		if (bytes.hasArray()) {
			update(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
			bytes.position(bytes.limit());
			return;
		}
		byte[] copy = new byte[Math.min(bytes.remaining(), 8192)];
		while (bytes.hasRemaining()) {
			int length = Math.min(bytes.remaining(), copy.length);
			bytes.get(copy, 0, length);
			update(copy, 0, length);
		}
	}

	/**
	 * The checksum of everything taken in so far, without the flag bit that files set.
	 * @return 64 bits
	 */
	public long value() {
		return ~this.state;
	}

	public void reset() {
		this.state = INITIAL;
	}

	/**
	 * The LTX checksum of one page: its number and its bytes, bit 63 set. The XOR of all
	 * pages' is the database's.
	 * @param pageNumber from 1
	 * @param page where its bytes are
	 * @param offset the first
	 * @param length the page size in bytes
	 * @return the checksum, never 0
	 */
	public static long pageChecksum(long pageNumber, byte[] page, int offset, int length) {
		long state = advance(INITIAL, Integer.toUnsignedLong(Integer.reverseBytes((int) pageNumber)), 4);
		return ~advance(state, page, offset, length) | FLAG;
	}

	private static long advance(long start, byte[] bytes, int offset, int length) {
		long state = start;
		int end = offset + length;
		int at = offset;
		if (length >= 2 * STRIDE) {
			at = end - length % STRIDE;
			state = advanceLanes(state, bytes, offset, at);
		}
		for (; at <= end - Long.BYTES; at += Long.BYTES) {
			state = fold(state ^ longAt(bytes, at));
		}
		if (at == end) {
			return state;
		}
		long rest = 0;
		for (int i = end - 1; i >= at; i--) {
			rest = rest << 8 | bytes[i] & 0xff;
		}
		return advance(state, rest, end - at);
	}

	/**
	 * Take in whole strides. Each fold of one word must wait for the one before; four
	 * lanes, of which each takes every fourth word, do not wait for each other and are
	 * joined at the end.
	 */
	private static long advanceLanes(long state, byte[] bytes, int offset, int end) {
		long lane0 = state ^ longAt(bytes, offset);
		long lane1 = longAt(bytes, offset + 8);
		long lane2 = longAt(bytes, offset + 16);
		long lane3 = longAt(bytes, offset + 24);
		for (int at = offset + STRIDE; at < end; at += STRIDE) {
			lane0 = foldStride(lane0) ^ longAt(bytes, at);
			lane1 = foldStride(lane1) ^ longAt(bytes, at + 8);
			lane2 = foldStride(lane2) ^ longAt(bytes, at + 16);
			lane3 = foldStride(lane3) ^ longAt(bytes, at + 24);
		}
		return fold(fold(fold(fold(lane0) ^ lane1) ^ lane2) ^ lane3);
	}

	private static long longAt(byte[] bytes, int at) {
		return (long) LONGS.get(bytes, at);
	}

	/**
	 * Take in fewer than eight bytes. Only the low bits of the state meet them and are
	 * carried over the end; the others just move.
	 */
	private static long advance(long state, long bytes, int count) {
		int bits = count * Byte.SIZE;
		long next = state ^ bytes;
		return next >>> bits ^ fold(next << Long.SIZE - bits);
	}

	/**
	 * Multiply by x^64, which is x^4 + x^3 + x + 1 here, that is (x + 1)(x^3 + 1). In
	 * reflected order a multiplication by x is a shift to the right; what the three
	 * shifts push out is x^64 once more, and joins the value at its top.
	 */
	private static long fold(long value) {
		long all = value ^ value << 63 ^ value << 61 ^ value << 60;
		all ^= all >>> 1;
		return all ^ all >>> 3;
	}

	/**
	 * Multiply by x^256. Squaring twice only spreads the exponents: x^256 is x^16 + x^12
	 * + x^4 + 1, that is (x^4 + 1)(x^12 + 1). What is pushed out is folded on its own.
	 */
	private static long foldStride(long value) {
		long low = value ^ value >>> 4;
		long over = value << 60 ^ value << 52 ^ value << 48;
		over ^= over >>> 1;
		return low ^ low >>> 12 ^ over ^ over >>> 3;
	}

}
