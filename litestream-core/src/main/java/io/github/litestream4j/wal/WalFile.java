package io.github.litestream4j.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one WAL file and checks them. Not safe for use by several threads.
 * <p>
 * No lock of SQLite's is on this file, so that it may be opened and closed at will. What
 * keeps its frames from being overwritten is a read transaction that the caller holds.
 */
public final class WalFile implements AutoCloseable {

	/** How much is read at once, in bytes, but for a frame that is longer. */
	private static final int CHUNK = 1 << 20;

	private final Path path;

	private final FileChannel channel;

	public WalFile(Path path) throws IOException {
		this.path = path;
		this.channel = FileChannel.open(path, StandardOpenOption.READ);
	}

	/**
	 * Read the header of the WAL's present run.
	 * @return the header
	 * @throws CorruptDataException when there is none
	 * @throws IOException when it cannot be read
	 */
	public WalHeader header() throws IOException {
		byte[] bytes = new byte[WalHeader.SIZE];
		readFully(bytes, 0, bytes.length, 0);
		return WalHeader.decode(bytes, this.path.toString());
	}

	/**
	 * Read committed transactions, whole ones only. As many as fit into the limit are
	 * kept in memory as they were checked; a single transaction that is longer is read
	 * again, and checked again, when its pages are asked for.
	 * @param header the header of the run
	 * @param from where to begin: the end of a commit
	 * @param end the end of a commit at or after that, in bytes, which SQLite itself
	 * holds for committed
	 * @param limit how much to keep in memory, in bytes
	 * @param scratch where it is noted which frame holds which page, when those are too
	 * many for memory; {@code null} to keep that in memory always
	 * @return the transactions, up to {@code end} or to an earlier commit
	 * @throws CorruptDataException when a frame before {@code end} does not continue the
	 * run
	 * @throws IOException when the WAL cannot be read
	 */
	public WalBatch read(WalHeader header, WalPosition from, long end, int limit, @Nullable ScratchFolder scratch)
			throws IOException {
		requireSameRun(header, from);
		int frameSize = header.frameSize();
		if ((end - from.offset()) % frameSize != 0 || end <= from.offset()) {
			throw new IllegalArgumentException("there are no whole frames from " + from + " to " + end);
		}
		int length = (int) Math.min(end - from.offset(), Math.max(limit / frameSize, 1) * (long) frameSize);
		byte[] buffer = new byte[length];
		readFully(buffer, 0, length, from.offset());
		FrameTable table = new FrameTable(scratch, FrameTable.IN_MEMORY);
		try {
			WalScan scan = new WalScan(this.path, header, from, table);
			for (int at = 0; at < length; at += frameSize) {
				scan.frame(buffer, at);
			}
			if (scan.committedFrames() > 0) {
				return scan.toBatch(new BufferedFrames(buffer, frameSize));
			}
			return scanToCommit(scan, header, from.offset() + length, end);
		}
		catch (IOException | RuntimeException ex) {
			try (table) {
				throw ex;
			}
		}
	}

	/**
	 * Read all transactions from the run's start to a commit, keeping only where each
	 * page's newest image is.
	 * @param header the header of the run
	 * @param end the position of a commit
	 * @param scratch where that is kept when it is too much for memory; {@code null} to
	 * keep it in memory always
	 * @return the pages
	 * @throws CorruptDataException when the frames do not lead to that position
	 * @throws IOException when the WAL cannot be read
	 */
	public WalBatch readAll(WalHeader header, WalPosition end, @Nullable ScratchFolder scratch) throws IOException {
		requireSameRun(header, end);
		FrameTable table = new FrameTable(scratch, FrameTable.IN_MEMORY);
		try {
			WalScan scan = new WalScan(this.path, header, header.start(), table);
			scan(scan, header, WalHeader.SIZE, end.offset(), false);
			if (!scan.committed().equals(end)) {
				throw new CorruptDataException("%s: expected a commit at %s, found the last one at %s"
					.formatted(this.path, end, scan.committed()));
			}
			return scan.toBatch(new StoredFrames(this, header, WalHeader.SIZE));
		}
		catch (IOException | RuntimeException ex) {
			try (table) {
				throw ex;
			}
		}
	}

	private WalBatch scanToCommit(WalScan scan, WalHeader header, long offset, long end) throws IOException {
		long start = scan.start().offset();
		scan(scan, header, offset, end, true);
		if (scan.committedFrames() == 0) {
			throw new CorruptDataException("%s: expected a commit before offset %d, found none after %s"
				.formatted(this.path, end, scan.start()));
		}
		return scan.toBatch(new StoredFrames(this, header, start));
	}

	private void scan(WalScan scan, WalHeader header, long offset, long end, boolean toFirstCommit) throws IOException {
		int frameSize = header.frameSize();
		byte[] buffer = new byte[Math.max(CHUNK / frameSize, 1) * frameSize];
		for (long at = offset; at < end; at += buffer.length) {
			int length = (int) Math.min(buffer.length, end - at);
			readFully(buffer, 0, length, at);
			for (int i = 0; i < length; i += frameSize) {
				scan.frame(buffer, i);
				if (toFirstCommit && scan.committedFrames() > 0) {
					return;
				}
			}
		}
	}

	/**
	 * Whether the frame before a position is the one that was read when the position was
	 * reached: then all frames before it are, since the checksum runs over them all.
	 * @param header the header of the present run
	 * @param position the position
	 * @return whether the WAL goes on from there
	 * @throws IOException when the WAL cannot be read
	 */
	public boolean continuesFrom(WalHeader header, WalPosition position) throws IOException {
		if (!position.isSameRun(header.salt1(), header.salt2())) {
			return false;
		}
		if (position.offset() == WalHeader.SIZE) {
			return position.equals(header.start());
		}
		int frameSize = header.frameSize();
		if ((position.offset() - WalHeader.SIZE) % frameSize != 0 || position.offset() > this.channel.size()) {
			return false;
		}
		byte[] frame = new byte[frameSize];
		readFully(frame, 0, frameSize, position.offset() - frameSize);
		WalScan scan = single(header, before(header, position.offset() - frameSize));
		if (!scan.continues(frame, 0)) {
			return false;
		}
		scan.frame(frame, 0);
		return scan.position().equals(position);
	}

	/**
	 * Whether it can be seen that the run before the present one ended at a position. A
	 * WAL that is restarted keeps the frames of the run before, behind its own end, but
	 * one that is truncated keeps none: only where the former run's last frame still
	 * stands does it mean something that no frame follows it.
	 * @param bigEndian the byte order of the former run's checksums
	 * @param pageSize the page size in bytes
	 * @param former the end of the former run, as far as it was captured
	 * @return {@code false} when something was added after it, or nothing can be told
	 * @throws IOException when the WAL cannot be read
	 */
	public boolean endedAt(boolean bigEndian, int pageSize, WalPosition former) throws IOException {
		int frameSize = WalHeader.FRAME_HEADER_SIZE + pageSize;
		if (former.offset() < WalHeader.SIZE + frameSize || !isFrameBefore(former, frameSize)) {
			return false;
		}
		if (this.channel.size() < former.offset() + frameSize) {
			// Nothing was ever written there; a piece of a frame was cut
			return this.channel.size() == former.offset();
		}
		byte[] frame = new byte[frameSize];
		readFully(frame, 0, frameSize, former.offset());
		WalHeader header = new WalHeader(bigEndian, pageSize, former.salt1(), former.salt2(), 0, 0);
		return !single(header, former).continues(frame, 0);
	}

	/**
	 * Find the first frame that does not continue a run.
	 * @param header the header of the run
	 * @param end where to end, in bytes
	 * @return what is wrong with it; empty when all frames before the end are sound
	 * @throws IOException when the WAL cannot be read
	 */
	public Optional<String> flaw(WalHeader header, long end) throws IOException {
		int frameSize = header.frameSize();
		byte[] frame = new byte[frameSize];
		WalPosition position = header.start();
		for (long number = 1; position.offset() < end; number++) {
			if (position.offset() + frameSize > this.channel.size()) {
				return Optional.of("expected frame %d at offset %d, found the end of the file at %d".formatted(number,
						position.offset(), this.channel.size()));
			}
			readFully(frame, 0, frameSize, position.offset());
			WalScan scan = single(header, position);
			if (!scan.continues(frame, 0)) {
				return Optional.of("frame %d at offset %d: %s".formatted(number, position.offset(), scan.flaw(frame)));
			}
			scan.frame(frame, 0);
			position = scan.position();
		}
		return Optional.empty();
	}

	private boolean isFrameBefore(WalPosition end, int frameSize) throws IOException {
		if (this.channel.size() < end.offset()) {
			return false;
		}
		ByteBuffer frame = ByteBuffer.allocate(WalHeader.FRAME_HEADER_SIZE);
		readFully(frame.array(), 0, frame.capacity(), end.offset() - frameSize);
		return end.isSameRun(frame.getInt(8), frame.getInt(12)) && frame.getInt(16) == end.checksum1()
				&& frame.getInt(20) == end.checksum2();
	}

	/**
	 * Read one frame again and check it against the checksum of the frame before it.
	 * @param header the header of the run
	 * @param offset where the frame begins
	 * @param page where its page is put
	 * @throws IOException when the WAL cannot be read
	 */
	void readFrame(WalHeader header, long offset, byte[] page) throws IOException {
		byte[] frame = new byte[header.frameSize()];
		readFully(frame, 0, frame.length, offset);
		single(header, before(header, offset)).frame(frame, 0);
		System.arraycopy(frame, WalHeader.FRAME_HEADER_SIZE, page, 0, page.length);
	}

	private WalScan single(WalHeader header, WalPosition start) {
		return new WalScan(this.path, header, start, new FrameTable(null, FrameTable.IN_MEMORY));
	}

	private WalPosition before(WalHeader header, long offset) throws IOException {
		if (offset == WalHeader.SIZE) {
			return header.start();
		}
		ByteBuffer sums = ByteBuffer.allocate(8);
		readFully(sums.array(), 0, 8, offset - header.frameSize() + 16);
		return new WalPosition(header.salt1(), header.salt2(), offset, sums.getInt(0), sums.getInt(4));
	}

	/**
	 * The file's length.
	 * @return in bytes, stale frames included
	 * @throws IOException when it cannot be told
	 */
	public long size() throws IOException {
		return this.channel.size();
	}

	private void requireSameRun(WalHeader header, WalPosition position) {
		if (!position.isSameRun(header.salt1(), header.salt2())) {
			throw new CorruptDataException("%s: expected the run of %s, found salts %08x%08x".formatted(this.path,
					position, header.salt1(), header.salt2()));
		}
	}

	private void readFully(byte[] into, int offset, int length, long position) throws IOException {
		ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
		while (buffer.hasRemaining()) {
			int read = this.channel.read(buffer, position + buffer.position() - offset);
			if (read < 0) {
				throw new CorruptDataException("%s ends at %d: expected %d bytes at offset %d".formatted(this.path,
						this.channel.size(), length, position));
			}
		}
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

	/** Frames that are held in memory as they were checked. */
	private record BufferedFrames(byte[] buffer, int frameSize) implements WalBatch.Frames {

		@Override
		public void page(int frame, byte[] into) {
			System.arraycopy(this.buffer, frame * this.frameSize + WalHeader.FRAME_HEADER_SIZE, into, 0, into.length);
		}

	}

	/** Frames that are read, and checked, once more. */
	private record StoredFrames(WalFile file, WalHeader header, long start) implements WalBatch.Frames {

		@Override
		public void page(int frame, byte[] into) throws IOException {
			this.file.readFrame(this.header, this.start + Integer.toUnsignedLong(frame) * this.header.frameSize(),
					into);
		}

	}

}
