package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Which bytes of which files are needed: noted one record after the other, file by file,
 * and given out in the same order. What is too much for memory goes into a temporary
 * file. Not safe for use by several threads.
 */
final class WantedParts implements AutoCloseable {

	/** A file's index, the first byte, the byte after the last. */
	private static final int PART = Integer.BYTES + 2 * Long.BYTES;

	private static final int IN_MEMORY = 50_000 * PART;

	/** A file of which so much is needed is read whole, and then proven by itself. */
	private static final double WHOLE = 0.95;

	private final ScratchFolder scratch;

	private final List<StoredFile> files;

	/** How many bytes of each file are needed. */
	private final long[] needed;

	private final GapSizes gaps = new GapSizes();

	private final ByteBuffer memory = ByteBuffer.allocate(IN_MEMORY);

	private @Nullable ScratchFile spilled;

	/** The last part, which may become longer. */
	private int current = -1;

	private long start;

	private long end;

	/**
	 * Begin with nothing.
	 * @param files the files, in the order in which their parts are added
	 * @param scratch where temporary files are made
	 */
	WantedParts(List<StoredFile> files, ScratchFolder scratch) {
		this.files = files;
		this.scratch = scratch;
		this.needed = new long[files.size()];
	}

	/**
	 * Need a part of a file.
	 * @param file its index, not less than that of the part before
	 * @param offset the first byte, behind the part before when that is of the same file
	 * @param length how many bytes
	 */
	void add(int file, long offset, long length) throws IOException {
		this.needed[file] += length;
		if (file == this.current && offset == this.end) {
			this.end += length;
			return;
		}
		if (file == this.current) {
			this.gaps.add(offset - this.end);
		}
		else {
			this.gaps.addPart();
		}
		keep();
		this.current = file;
		this.start = offset;
		this.end = offset + length;
	}

	private void keep() throws IOException {
		if (this.current < 0) {
			return;
		}
		if (this.memory.remaining() < PART) {
			ScratchFile file = this.spilled;
			if (file == null) {
				file = this.scratch.create();
				this.spilled = file;
			}
			file.append(this.memory.flip());
			this.memory.clear();
		}
		this.memory.putInt(this.current).putLong(this.start).putLong(this.end);
	}

	/**
	 * End here.
	 * @return what to fetch, gaps that are not worth a request included: to be read
	 * before this is closed
	 */
	Extents finish() throws IOException {
		keep();
		this.current = -1;
		long all = 0;
		for (long bytes : this.needed) {
			all += bytes;
		}
		return new Extents(this.gaps.choose(all), all);
	}

	@Override
	public void close() throws IOException {
		ScratchFile file = this.spilled;
		if (file != null) {
			file.close();
		}
	}

	/**
	 * The parts as they are fetched.
	 */
	final class Extents implements Iterator<Extent> {

		private final GapSizes.Choice choice;

		private final long bytes;

		private final ByteBuffer piece = ByteBuffer.allocate(IN_MEMORY).limit(0);

		/** How many bytes of the temporary file were taken. */
		private long taken;

		private final ByteBuffer rest = WantedParts.this.memory.duplicate().flip();

		private @Nullable Extent next;

		private int file = -1;

		private long from;

		private long to;

		private Extents(GapSizes.Choice choice, long needed) {
			this.choice = choice;
			this.bytes = needed + choice.bytes();
			readPart();
			this.next = join();
		}

		/**
		 * How much that is, about.
		 * @return in bytes
		 */
		long bytes() {
			return this.bytes;
		}

		@Override
		public boolean hasNext() {
			return this.next != null;
		}

		@Override
		public Extent next() {
			Extent result = this.next;
			if (result == null) {
				throw new NoSuchElementException();
			}
			this.next = join();
			return result;
		}

		/** Join parts as long as the gaps between them are to be read. */
		private @Nullable Extent join() {
			if (this.file < 0) {
				return null;
			}
			int index = this.file;
			StoredFile stored = WantedParts.this.files.get(index);
			boolean whole = WantedParts.this.needed[index] >= stored.size() * WHOLE;
			long first = this.from;
			long last = this.to;
			readPart();
			while (this.file == index && (whole || this.choice.includes(this.from - last))) {
				last = this.to;
				readPart();
			}
			return whole ? Extent.whole(stored) : new Extent(stored, first, last - first);
		}

		private void readPart() {
			ByteBuffer source = source();
			if (!source.hasRemaining()) {
				this.file = -1;
				return;
			}
			this.file = source.getInt();
			this.from = source.getLong();
			this.to = source.getLong();
		}

		private ByteBuffer source() {
			ScratchFile spilled = WantedParts.this.spilled;
			if (this.piece.hasRemaining() || spilled == null) {
				return this.piece.hasRemaining() ? this.piece : this.rest;
			}
			long left = spilled.size() - this.taken;
			if (left == 0) {
				return this.rest;
			}
			this.piece.clear().limit((int) Math.min(left, IN_MEMORY));
			try {
				spilled.read(this.piece, this.taken);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			this.taken += this.piece.position();
			return this.piece.flip();
		}

	}

}
