package io.github.litestream4j.wal;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Checks the frames of one run of a WAL as they come, each against the one before it, and
 * remembers nothing else. Not safe for use by several threads.
 */
public final class WalChain {

	private final WalHeader header;

	private int sum1;

	private int sum2;

	/**
	 * Begin before the first frame.
	 * @param header the header of the run
	 */
	public WalChain(WalHeader header) {
		this.header = header;
		this.sum1 = header.checksum1();
		this.sum2 = header.checksum2();
	}

	/**
	 * Check the next frame, and go on behind it if it is sound.
	 * @param frame its header and its page
	 * @return what was expected and found instead of a frame that continues the run;
	 * empty when it does
	 */
	public Optional<String> next(byte[] frame) {
		ByteBuffer in = ByteBuffer.wrap(frame);
		if (in.getInt(8) != this.header.salt1() || in.getInt(12) != this.header.salt2()) {
			return Optional.of("expected salts %08x%08x, found %08x%08x".formatted(this.header.salt1(),
					this.header.salt2(), in.getInt(8), in.getInt(12)));
		}
		if (in.getInt(0) == 0) {
			return Optional.of("expected a page, found page 0");
		}
		WalChecksum checksum = new WalChecksum(this.header.bigEndian(), this.sum1, this.sum2);
		checksum.update(frame, 0, 8);
		checksum.update(frame, WalHeader.FRAME_HEADER_SIZE, this.header.pageSize());
		if (!checksum.matches(in.getInt(16), in.getInt(20))) {
			return Optional.of("expected the checksum %08x%08x by its content, found %08x%08x"
				.formatted(checksum.sum1(), checksum.sum2(), in.getInt(16), in.getInt(20)));
		}
		this.sum1 = checksum.sum1();
		this.sum2 = checksum.sum2();
		return Optional.empty();
	}

	/**
	 * The page that a frame holds.
	 * @param frame the frame
	 * @return its number, from 1
	 */
	public static long page(byte[] frame) {
		return Integer.toUnsignedLong(ByteBuffer.wrap(frame).getInt(0));
	}

	/**
	 * How large the database is after a frame that ends a transaction.
	 * @param frame the frame
	 * @return in pages; 0 when the frame does not end one
	 */
	public static long commit(byte[] frame) {
		return Integer.toUnsignedLong(ByteBuffer.wrap(frame).getInt(4));
	}

}
