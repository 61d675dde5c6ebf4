package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.github.litestream4j.CorruptDataException;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * The LZ4 frame that older files hold a page in, read from memory: no more than the
 * frame, and all of its checksums checked.
 */
final class Lz4Frame {

	/** Magic number, two bytes of settings, a header checksum. */
	static final int SHORTEST_HEADER = 7;

	private static final int MAGIC = 0x184d2204;

	private static final int VERSION = 0x40;

	private static final int UNCOMPRESSED = 0x80000000;

	private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

	private Lz4Frame() {
	}

	static void decode(byte[] buffer, int offset, int length, byte[] page, int pageSize, String subject) {
		ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN);
		int settings = (length < SHORTEST_HEADER) ? -1 : settings(bytes, 0);
		int at = headerLength(settings);
		if (settings < 0 || at > length || bytes.get(at - 1) != (byte) (hash(buffer, offset + 4, at - 5) >> 8)) {
			throw new CorruptDataException(subject + ": expected an LZ4 frame, but its header is none");
		}
		int filled = 0;
		while (true) {
			int size = int32(bytes, at, subject);
			at += Integer.BYTES;
			if (size == 0) {
				break;
			}
			int stored = size & ~UNCOMPRESSED;
			if (stored > length - at) {
				throw cut(subject);
			}
			if (size != stored) {
				if (stored > pageSize - filled) {
					throw new CorruptDataException(subject + ": its LZ4 frame holds more than " + pageSize + " bytes");
				}
				bytes.get(at, page, filled, stored);
				filled += stored;
			}
			else if (filled > 0 && !hasIndependentBlocks(settings)) {
				throw new CorruptDataException(
						subject + ": its LZ4 frame has several linked blocks, which no writer of LTX files makes");
			}
			else {
				filled += LtxPageDecoder.block(buffer, offset + at, stored, page, filled, pageSize - filled, subject);
			}
			if (hasBlockChecksums(settings)) {
				check(int32(bytes, at + stored, subject), hash(buffer, offset + at, stored), subject);
				at += Integer.BYTES;
			}
			at += stored;
		}
		if (hasContentChecksum(settings)) {
			check(int32(bytes, at, subject), hash(page, 0, filled), subject);
			at += Integer.BYTES;
		}
		if (at != length || filled != pageSize) {
			throw new CorruptDataException(subject + ": expected " + pageSize + " bytes in an LZ4 frame of " + length
					+ ", but found " + filled + " in " + at);
		}
	}

	/**
	 * The byte of settings of the frame that starts here, or -1 when there is none.
	 */
	static int settings(ByteBuffer bytes, int at) {
		int settings = Byte.toUnsignedInt(bytes.get(at + 4));
		boolean known = bytes.getInt(at) == MAGIC && (settings & 0xc2) == VERSION;
		return known ? settings : -1;
	}

	static int headerLength(int settings) {
		return SHORTEST_HEADER + ((settings & 0x08) != 0 ? 8 : 0) + ((settings & 0x01) != 0 ? 4 : 0);
	}

	static boolean hasBlockChecksums(int settings) {
		return (settings & 0x10) != 0;
	}

	static boolean hasContentChecksum(int settings) {
		return (settings & 0x04) != 0;
	}

	private static boolean hasIndependentBlocks(int settings) {
		return (settings & 0x20) != 0;
	}

	private static int int32(ByteBuffer bytes, int at, String subject) {
		if (at > bytes.limit() - Integer.BYTES) {
			throw cut(subject);
		}
		return bytes.getInt(at);
	}

	private static void check(int expected, int found, String subject) {
		if (expected != found) {
			throw new CorruptDataException(subject + ": a checksum in its LZ4 frame is " + Integer.toHexString(expected)
					+ ", but its bytes give " + Integer.toHexString(found));
		}
	}

	private static int hash(byte[] bytes, int offset, int length) {
		return HASH.hash(bytes, offset, length, 0);
	}

	private static CorruptDataException cut(String subject) {
		return new CorruptDataException(subject + ": its LZ4 frame does not end within its record");
	}

}
