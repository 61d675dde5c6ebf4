package io.github.litestream4j.wal;

import java.nio.ByteBuffer;

import io.github.litestream4j.CorruptDataException;

/**
 * The 32 bytes at the start of a WAL, sqlite.org/fileformat2.html section 4.1.
 *
 * @param bigEndian whether checksums read their words big-endian
 * @param pageSize the database's page size in bytes
 * @param salt1 grows by one each time the WAL is restarted
 * @param salt2 random for each restart
 * @param checksum1 first half of the checksum of the 24 bytes before it
 * @param checksum2 second half
 */
public record WalHeader(boolean bigEndian, int pageSize, int salt1, int salt2, int checksum1, int checksum2) {

	/** The header's length in bytes. */
	public static final int SIZE = 32;

	/** The length of a frame's header in bytes; a page follows it. */
	public static final int FRAME_HEADER_SIZE = 24;

	private static final int MAGIC = 0x377f0682;

	private static final int VERSION = 3007000;

	/**
	 * Read a header and check it.
	 * @param bytes at least 32 bytes
	 * @param name what messages call the WAL
	 * @return the header
	 * @throws CorruptDataException when this is not the header of a WAL
	 */
	public static WalHeader decode(byte[] bytes, String name) {
		ByteBuffer in = ByteBuffer.wrap(bytes, 0, SIZE);
		int magic = in.getInt();
		int version = in.getInt();
		int pageSize = in.getInt();
		in.getInt();
		if ((magic & ~1) != MAGIC || version != VERSION) {
			throw new CorruptDataException(
					"%s is not a WAL: expected magic 377f0682 or 377f0683 and version %d, found %x and %d"
						.formatted(name, VERSION, magic, version));
		}
		if (Integer.bitCount(pageSize) != 1 || pageSize < 512 || pageSize > 65536) {
			throw new CorruptDataException("%s: its header names a page size of %d".formatted(name, pageSize));
		}
		WalHeader header = new WalHeader((magic & 1) != 0, pageSize, in.getInt(), in.getInt(), in.getInt(),
				in.getInt());
		WalChecksum checksum = new WalChecksum(header.bigEndian, 0, 0);
		checksum.update(bytes, 0, 24);
		if (!checksum.matches(header.checksum1, header.checksum2)) {
			throw new CorruptDataException("%s: the checksum of its header is expected to be %08x%08x, found %08x%08x"
				.formatted(name, checksum.sum1(), checksum.sum2(), header.checksum1, header.checksum2));
		}
		return header;
	}

	/**
	 * The position before the first frame.
	 * @return offset 32, with the header's checksum
	 */
	public WalPosition start() {
		return new WalPosition(this.salt1, this.salt2, SIZE, this.checksum1, this.checksum2);
	}

	/**
	 * The length of a frame.
	 * @return header and page, in bytes
	 */
	public int frameSize() {
		return FRAME_HEADER_SIZE + this.pageSize;
	}

}
