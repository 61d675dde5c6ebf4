package io.github.litestream4j.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The start of a database's -shm file, sqlite.org/walformat.html section 2.1: what SQLite
 * itself holds for committed. A frame in the WAL file beyond {@code frames} may belong to
 * a commit whose fsync has yet to succeed, however sound it looks.
 *
 * @param change grows with each change of the header
 * @param pageSize in bytes
 * @param frames how many frames of the WAL are committed
 * @param commit the database's size in pages after the last of them
 * @param checksum1 first half of the WAL's running checksum after the last of them
 * @param checksum2 second half
 * @param salt1 the WAL's first salt
 * @param salt2 the WAL's second salt
 * @param backfilled how many frames are copied back into the database file
 * @param attempted how many frames a checkpoint may have begun to copy back
 */
public record WalIndexHeader(int change, int pageSize, long frames, long commit, int checksum1, int checksum2,
		int salt1, int salt2, long backfilled, long attempted) {

	/** How many bytes of the file are needed. */
	public static final int SIZE = 136;

	private static final int COPY = 48;

	private static final int SUMMED = 40;

	private static final int VERSION = 3007000;

	private static final boolean NATIVE_BIG = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

	/**
	 * Read the header.
	 * @param bytes the first 136 bytes of the file
	 * @return the header; empty when it is being written just now, or was never written
	 */
	public static Optional<WalIndexHeader> decode(byte[] bytes) {
		for (int i = 0; i < COPY; i++) {
			if (bytes[i] != bytes[COPY + i]) {
				return Optional.empty();
			}
		}
		ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
		WalChecksum checksum = new WalChecksum(NATIVE_BIG, 0, 0);
		checksum.update(bytes, 0, SUMMED);
		if (in.getInt(0) != VERSION || bytes[12] == 0 || !checksum.matches(in.getInt(40), in.getInt(44))) {
			return Optional.empty();
		}
		int size = Short.toUnsignedInt(in.getShort(14));
		// The salts are copied as they stand in the WAL, big-endian on every machine
		ByteBuffer salts = ByteBuffer.wrap(bytes);
		return Optional
			.of(new WalIndexHeader(in.getInt(8), (size == 1) ? 65536 : size, Integer.toUnsignedLong(in.getInt(16)),
					Integer.toUnsignedLong(in.getInt(20)), in.getInt(24), in.getInt(28), salts.getInt(32),
					salts.getInt(36), Integer.toUnsignedLong(in.getInt(96)), Integer.toUnsignedLong(in.getInt(128))));
	}

	/**
	 * Where the committed frames end.
	 * @return the offset in the WAL in bytes
	 */
	public long endOffset() {
		return WalHeader.SIZE + this.frames * (WalHeader.FRAME_HEADER_SIZE + this.pageSize);
	}

	/**
	 * The position after the last committed frame.
	 * @return the position
	 */
	public WalPosition end() {
		return new WalPosition(this.salt1, this.salt2, endOffset(), this.checksum1, this.checksum2);
	}

	/**
	 * Whether every committed frame is in the database file too.
	 * @return {@code true} also when there is no frame
	 */
	public boolean isBackfilled() {
		return this.backfilled >= this.frames;
	}

}
