package io.github.litestream4j.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * Which frame holds the newest image of which page. A transaction, and a WAL, may be many
 * times as large as the memory: what is too much goes in sorted runs into a temporary
 * file, and the runs are merged when they are read. Not safe for use by several threads.
 */
final class FrameTable implements AutoCloseable {

	/** How many frames are kept in memory, eight bytes each. */
	static final int IN_MEMORY = 1 << 17;

	/** How many entries of each run are read at once. */
	private static final int READ_AHEAD = 1024;

	/**
	 * Page numbers have 32 bits: a signed order of the entries becomes an unsigned one.
	 */
	private static final long FLIP = Long.MIN_VALUE;

	private static final long FRAME_MASK = 0xffffffffL;

	private final @Nullable ScratchFolder scratch;

	private final int inMemory;

	/** Page number and frame in one: sorted, the last of a page is its newest image. */
	private long[] entries = new long[64];

	private int used;

	private int frames;

	private final List<Long> runs = new ArrayList<>();

	private @Nullable ScratchFile file;

	/**
	 * Make an empty table.
	 * @param scratch where runs are written, {@code null} to keep all in memory
	 * @param inMemory how many frames are kept in memory
	 */
	FrameTable(@Nullable ScratchFolder scratch, int inMemory) {
		this.scratch = scratch;
		this.inMemory = inMemory;
	}

	/** Note the next frame. */
	void add(long page) throws IOException {
		if (this.used == this.entries.length) {
			if (this.scratch != null && this.used >= this.inMemory) {
				spill(this.scratch);
			}
			else {
				this.entries = Arrays.copyOf(this.entries, this.used * 2);
			}
		}
		this.entries[this.used++] = ((page << 32) | (this.frames & FRAME_MASK)) ^ FLIP;
		this.frames++;
	}

	/** How many frames were noted. */
	int frames() {
		return this.frames;
	}

	private void spill(ScratchFolder scratch) throws IOException {
		ScratchFile target = this.file;
		if (target == null) {
			target = scratch.create();
			this.file = target;
		}
		sort();
		this.runs.add(target.size());
		ByteBuffer bytes = ByteBuffer.allocate(READ_AHEAD * Long.BYTES);
		for (int i = 0; i < this.used; i++) {
			bytes.putLong(this.entries[i]);
			if (!bytes.hasRemaining() || i + 1 == this.used) {
				target.append(bytes.flip());
				bytes.clear();
			}
		}
		this.used = 0;
	}

	/** Sort what is in memory, and leave out the older images. */
	private void sort() {
		Arrays.sort(this.entries, 0, this.used);
		int kept = 0;
		for (int i = 0; i < this.used; i++) {
			if (i + 1 == this.used || page(this.entries[i + 1]) != page(this.entries[i])) {
				this.entries[kept++] = this.entries[i];
			}
		}
		this.used = kept;
	}

	/**
	 * End here.
	 * @param count how many frames count, from the first on: all of them, unless all are
	 * in memory
	 */
	void end(int count) {
		if (count != this.frames) {
			if (this.file != null) {
				throw new IllegalStateException("frames that were spilled cannot be taken back");
			}
			this.frames = count;
			this.used = count;
		}
		sort();
		// Nothing is added any more
		this.entries = Arrays.copyOf(this.entries, this.used);
	}

	/**
	 * Go through the pages, after {@link #end}.
	 * @param commit pages above it are passed over
	 */
	Cursor cursor(long commit) throws IOException {
		PriorityQueue<Run> queue = new PriorityQueue<>();
		ScratchFile source = this.file;
		for (int i = 0; source != null && i < this.runs.size(); i++) {
			long end = (i + 1 < this.runs.size()) ? this.runs.get(i + 1) : source.size();
			queue.add(new Run(source, this.runs.get(i), end));
		}
		if (this.used > 0) {
			queue.add(new Run(this.entries));
		}
		return new Cursor(queue, commit);
	}

	private static long page(long entry) {
		return (entry ^ FLIP) >>> 32;
	}

	@Override
	public void close() throws IOException {
		ScratchFile open = this.file;
		if (open != null) {
			open.close();
		}
	}

	/** Goes through the pages, ascending. */
	static final class Cursor {

		private final PriorityQueue<Run> runs;

		private final long commit;

		private long entry;

		private Cursor(PriorityQueue<Run> runs, long commit) {
			this.runs = runs;
			this.commit = commit;
		}

		boolean next() throws IOException {
			if (this.runs.isEmpty()) {
				return false;
			}
			this.entry = take();
			while (!this.runs.isEmpty() && FrameTable.page(this.runs.element().head) == page()) {
				// A later frame of the same page
				this.entry = take();
			}
			return page() <= this.commit;
		}

		private long take() throws IOException {
			Run run = this.runs.remove();
			long head = run.head;
			if (run.advance()) {
				this.runs.add(run);
			}
			return head;
		}

		long page() {
			return FrameTable.page(this.entry);
		}

		int frame() {
			return (int) (this.entry ^ FLIP);
		}

	}

	/** One sorted run, in memory or in the file. */
	private static final class Run implements Comparable<Run> {

		private final @Nullable ScratchFile file;

		private final long[] ahead;

		private long position;

		private final long end;

		private int at;

		private int limit;

		private long head;

		Run(long[] entries) {
			this.file = null;
			this.ahead = entries;
			this.end = 0;
			this.limit = entries.length;
			this.head = entries[0];
		}

		Run(ScratchFile file, long start, long end) throws IOException {
			this.file = file;
			this.ahead = new long[READ_AHEAD];
			this.position = start;
			this.end = end;
			this.at = -1;
			advance();
		}

		boolean advance() throws IOException {
			this.at++;
			if (this.at >= this.limit && !fill()) {
				return false;
			}
			this.head = this.ahead[this.at];
			return true;
		}

		private boolean fill() throws IOException {
			ScratchFile source = this.file;
			if (source == null || this.position >= this.end) {
				return false;
			}
			int length = (int) Math.min(this.ahead.length * (long) Long.BYTES, this.end - this.position);
			ByteBuffer bytes = ByteBuffer.allocate(length);
			source.read(bytes, this.position);
			bytes.flip().asLongBuffer().get(this.ahead, 0, length / Long.BYTES);
			this.position += length;
			this.at = 0;
			this.limit = length / Long.BYTES;
			return true;
		}

		@Override
		public int compareTo(Run other) {
			return Long.compare(this.head, other.head);
		}

	}

}
