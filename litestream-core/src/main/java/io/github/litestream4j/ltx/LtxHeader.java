package io.github.litestream4j.ltx;

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

}
