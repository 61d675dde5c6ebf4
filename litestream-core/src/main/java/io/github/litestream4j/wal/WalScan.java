package io.github.litestream4j.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import io.github.litestream4j.CorruptDataException;

/**
 * Goes through consecutive frames, checks that each continues the run, and notes which
 * pages the committed ones hold.
 */
final class WalScan {

	private final Path path;

	private final WalHeader header;

	private final WalPosition start;

	private WalPosition position;

	private WalPosition committed;

	private final FrameTable table;

	private int committedFrames;

	private long commit;

	/**
	 * Begin.
	 * @param path what messages call the WAL
	 * @param header the header of the run
	 * @param start the position before the first frame
	 * @param table is told of each frame's page
	 */
	WalScan(Path path, WalHeader header, WalPosition start, FrameTable table) {
		this.path = path;
		this.table = table;
		this.header = header;
		this.start = start;
		this.position = start;
		this.committed = start;
	}

	/**
	 * Check the next frame.
	 * @param bytes where it is
	 * @param at where it begins there
	 */
	void frame(byte[] bytes, int at) throws IOException {
		if (!continues(bytes, at)) {
			throw new CorruptDataException(
					"%s: the frame at offset %d does not continue the run of %s: its salts, page number or checksum do not match"
						.formatted(this.path, this.position.offset(), this.position));
		}
		ByteBuffer in = ByteBuffer.wrap(bytes, at, WalHeader.FRAME_HEADER_SIZE);
		long page = Integer.toUnsignedLong(in.getInt());
		long commit = Integer.toUnsignedLong(in.getInt());
		in.position(at + 16);
		this.position = new WalPosition(this.header.salt1(), this.header.salt2(),
				this.position.offset() + this.header.frameSize(), in.getInt(), in.getInt());
		this.table.add(page);
		if (commit != 0) {
			this.commit = commit;
			this.committedFrames = this.table.frames();
			this.committed = this.position;
		}
	}

	/**
	 * Whether a frame continues the run at the present position.
	 * @param bytes where it is
	 * @param at where it begins there
	 * @return whether its salts and its checksum say so
	 */
	boolean continues(byte[] bytes, int at) {
		ByteBuffer in = ByteBuffer.wrap(bytes, at, this.header.frameSize());
		int page = in.getInt();
		in.getInt();
		if (page == 0 || in.getInt() != this.header.salt1() || in.getInt() != this.header.salt2()) {
			return false;
		}
		WalChecksum checksum = new WalChecksum(this.header.bigEndian(), this.position.checksum1(),
				this.position.checksum2());
		checksum.update(bytes, at, 8);
		checksum.update(bytes, at + WalHeader.FRAME_HEADER_SIZE, this.header.pageSize());
		return checksum.matches(in.getInt(), in.getInt());
	}

	/**
	 * What is wrong with a frame that does not continue the run.
	 * @param frame the frame
	 * @return what was expected, and what was found
	 */
	String flaw(byte[] frame) {
		ByteBuffer in = ByteBuffer.wrap(frame);
		int salt1 = in.getInt(8);
		int salt2 = in.getInt(12);
		if (salt1 != this.header.salt1() || salt2 != this.header.salt2()) {
			return "expected salts %08x%08x, found %08x%08x".formatted(this.header.salt1(), this.header.salt2(), salt1,
					salt2);
		}
		WalChecksum checksum = new WalChecksum(this.header.bigEndian(), this.position.checksum1(),
				this.position.checksum2());
		checksum.update(frame, 0, 8);
		checksum.update(frame, WalHeader.FRAME_HEADER_SIZE, this.header.pageSize());
		return "page %d is expected to have the checksum %08x%08x by its content, found %08x%08x".formatted(
				Integer.toUnsignedLong(in.getInt(0)), checksum.sum1(), checksum.sum2(), in.getInt(16), in.getInt(20));
	}

	WalPosition start() {
		return this.start;
	}

	WalPosition position() {
		return this.position;
	}

	WalPosition committed() {
		return this.committed;
	}

	int committedFrames() {
		return this.committedFrames;
	}

	WalBatch toBatch(WalBatch.Frames source) {
		this.table.end(this.committedFrames);
		return new WalBatch(this.start, this.committed, this.commit, this.header.pageSize(), this.table, source);
	}

}
