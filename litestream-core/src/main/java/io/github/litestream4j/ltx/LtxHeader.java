package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

import io.github.litestream4j.CorruptDataException;

/**
 * The 100 bytes at the start of an LTX file of version 3.
 *
 * @param flags 0x2 says that there are no database checksums; no other bit is known
 * @param pageSize the database's page size in bytes, a power of two from 512 to 65536
 * @param commit the size of the database in pages after the file is applied, 1 to
 * 4294967295
 * @param min the first transaction
 * @param max the last transaction
 * @param timestamp when the last transaction was captured, in ms since the epoch
 * @param preApplyChecksum the database's checksum before, or 0
 * @param walOffset where in the WAL the frames began, in bytes, or 0
 * @param walSize how many bytes of the WAL the file covers, or 0
 * @param walSalt1 the WAL's first salt, or 0
 * @param walSalt2 the WAL's second salt, or 0
 * @param nodeId who wrote it, or 0
 */
public record LtxHeader(int flags, int pageSize, long commit, Txid min, Txid max, long timestamp, long preApplyChecksum,
		long walOffset, long walSize, int walSalt1, int walSalt2, long nodeId) {

	/** The header's length in bytes. */
	public static final int SIZE = 100;

	/** Flag: the file carries no database checksums. */
	public static final int NO_CHECKSUM = 0x2;

	private static final int MAGIC = 0x4c545831; // LTX1

	private static final int RESERVED = 80;

	private static final long LOCK_BYTE = 1 << 30;

	/**
	 * Check the rules of the format.
	 * @throws IllegalArgumentException when one is broken
	 */
	public LtxHeader {
		require((flags & ~NO_CHECKSUM) == 0, "flags can be 0 or 0x2", "0x" + Integer.toHexString(flags));
		require(pageSize >= 512 && pageSize <= 65536 && Integer.bitCount(pageSize) == 1,
				"the page size must be a power of two from 512 to 65536", Integer.toUnsignedString(pageSize));
		require(commit >= 1 && commit <= 0xffffffffL, "the database's size must be 1 to 4294967295 pages",
				Long.toString(commit));
		require(!min.equals(Txid.ZERO) && !max.isBefore(min), "TXIDs must begin at 1 and ascend", min + " to " + max);
		require(walOffset >= 0 && walSize >= 0, "WAL offset and size cannot be negative",
				walOffset + " and " + walSize);
		require(walOffset != 0 || walSize == 0 && walSalt1 == 0 && walSalt2 == 0,
				"a WAL size or salt needs a WAL offset", "0");
		if (min.equals(Txid.FIRST) || (flags & NO_CHECKSUM) != 0) {
			require(preApplyChecksum == 0, "a snapshot or a file without checksums has a pre-apply checksum of 0",
					Long.toHexString(preApplyChecksum));
		}
		else {
			require(preApplyChecksum < 0, "a pre-apply checksum must have its bit 63 set",
					Long.toHexString(preApplyChecksum));
		}
	}

	/**
	 * A header without database checksums, as Litestream 0.5 needs it, and without a
	 * place in a WAL.
	 * @param pageSize in bytes
	 * @param commit the database's size in pages afterwards
	 * @param min the first transaction
	 * @param max the last transaction
	 * @param timestamp when the last one was captured
	 * @return the header
	 */
	public static LtxHeader of(int pageSize, long commit, Txid min, Txid max, Instant timestamp) {
		return new LtxHeader(NO_CHECKSUM, pageSize, commit, min, max, timestamp.toEpochMilli(), 0, 0, 0, 0, 0, 0);
	}

	/**
	 * The same header with the part of a WAL that the file was made from.
	 * @param offset where its frames began, in bytes
	 * @param size how many bytes they take
	 * @param salt1 the WAL's first salt
	 * @param salt2 the WAL's second salt
	 * @return a new header
	 */
	public LtxHeader withWal(long offset, long size, int salt1, int salt2) {
		return new LtxHeader(this.flags, this.pageSize, this.commit, this.min, this.max, this.timestamp,
				this.preApplyChecksum, offset, size, salt1, salt2, this.nodeId);
	}

	/**
	 * The same header with a mark of its writer's.
	 * @param nodeId the mark, which readers pass over
	 * @return a new header
	 */
	public LtxHeader withNodeId(long nodeId) {
		return new LtxHeader(this.flags, this.pageSize, this.commit, this.min, this.max, this.timestamp,
				this.preApplyChecksum, this.walOffset, this.walSize, this.walSalt1, this.walSalt2, nodeId);
	}

	/**
	 * Read the header that starts at a buffer's position, which moves behind it.
	 * @param bytes at least 100 bytes
	 * @return the header
	 * @throws CorruptDataException when it is none, or breaks a rule of the format
	 */
	public static LtxHeader decode(ByteBuffer bytes) {
		return decode(bytes, "LTX header");
	}

	/**
	 * Read the header that starts at a buffer's position, which moves behind it.
	 * @param source at least 100 bytes
	 * @param name what messages call the file
	 * @return the header
	 * @throws CorruptDataException when it is none, or breaks a rule of the format
	 */
	public static LtxHeader decode(ByteBuffer source, String name) {
		if (source.remaining() < SIZE) {
			throw new CorruptDataException(name + ": expected a header of " + SIZE + " bytes, but only "
					+ source.remaining() + " are there; the file is truncated");
		}
		ByteBuffer bytes = source.slice().order(ByteOrder.BIG_ENDIAN);
		source.position(source.position() + SIZE);
		if (bytes.getInt() != MAGIC) {
			throw new CorruptDataException(name + ": expected an LTX file of version 3, which begins with LTX1, but it "
					+ "begins with 0x" + Integer.toHexString(bytes.getInt(0)));
		}
		for (int i = RESERVED; i < SIZE; i++) {
			if (bytes.get(i) != 0) {
				throw new CorruptDataException(
						name + ": expected a header that ends with zeros, but byte " + i + " is " + bytes.get(i));
			}
		}
		try {
			return new LtxHeader(bytes.getInt(), bytes.getInt(), Integer.toUnsignedLong(bytes.getInt()),
					new Txid(bytes.getLong()), new Txid(bytes.getLong()), bytes.getLong(), bytes.getLong(),
					bytes.getLong(), bytes.getLong(), bytes.getInt(), bytes.getInt(), bytes.getLong());
		}
		catch (IllegalArgumentException ex) {
			throw new CorruptDataException(name + ": not a valid LTX header, " + ex.getMessage(), ex);
		}
	}

	/**
	 * Write the header.
	 * @return a new buffer with its 100 bytes, from position 0
	 */
	public ByteBuffer encode() {
		return ByteBuffer.allocate(SIZE)
			.putInt(MAGIC)
			.putInt(this.flags)
			.putInt(this.pageSize)
			.putInt((int) this.commit)
			.putLong(this.min.value())
			.putLong(this.max.value())
			.putLong(this.timestamp)
			.putLong(this.preApplyChecksum)
			.putLong(this.walOffset)
			.putLong(this.walSize)
			.putInt(this.walSalt1)
			.putInt(this.walSalt2)
			.putLong(this.nodeId)
			.rewind();
	}

	/**
	 * Whether the file holds the whole database and so needs no file before it.
	 * @return {@code true} when it begins with the first transaction
	 */
	public boolean isSnapshot() {
		return this.min.equals(Txid.FIRST);
	}

	boolean hasChecksums() {
		return (this.flags & NO_CHECKSUM) == 0;
	}

	/**
	 * The page that SQLite keeps for its locks, and that no file may hold.
	 * @return its number; the database may be smaller
	 */
	public long lockPage() {
		return lockPage(this.pageSize);
	}

	/**
	 * The page of a database that SQLite keeps for its locks: the one with byte 1 GiB.
	 * @param pageSize in bytes
	 * @return its number
	 */
	public static long lockPage(int pageSize) {
		return LOCK_BYTE / pageSize + 1;
	}

	private static void require(boolean valid, String rule, String found) {
		if (!valid) {
			throw new IllegalArgumentException(rule + ", but found " + found);
		}
	}

}
