package io.github.litestream4j.wal;

import java.io.IOException;
import java.util.Arrays;

/**
 * The pages that one or more committed transactions wrote: of each its newest image,
 * ascending by page number. Pages beyond the database's size after the last of them are
 * left out, since a database that shrank has them no more.
 */
public final class WalBatch {

	private static final long FLIP = Long.MIN_VALUE;

	private static final long FRAME_MASK = 0xffffffffL;

	private final WalPosition start;

	private final WalPosition end;

	private final long commit;

	private final int pageSize;

	private final long[] entries;

	private final Frames frames;

	private WalBatch(WalPosition start, WalPosition end, long commit, int pageSize, long[] entries, Frames frames) {
		this.start = start;
		this.end = end;
		this.commit = commit;
		this.pageSize = pageSize;
		this.entries = entries;
		this.frames = frames;
	}

	static WalBatch of(WalPosition start, WalPosition end, long commit, int pageSize, long[] entries, Frames frames) {
		Arrays.sort(entries);
		int kept = 0;
		for (int i = 0; i < entries.length; i++) {
			boolean newest = i + 1 == entries.length || page(entries[i + 1]) != page(entries[i]);
			if (newest && page(entries[i]) <= commit) {
				entries[kept++] = entries[i];
			}
		}
		return new WalBatch(start, end, commit, pageSize, Arrays.copyOf(entries, kept), frames);
	}

	// Page numbers have 32 bits: flipping the sign makes a signed sort an unsigned one

	static long entry(long page, int frame) {
		return ((page << 32) | frame) ^ FLIP;
	}

	private static long page(long entry) {
		return (entry ^ FLIP) >>> 32;
	}

	/**
	 * Where the first transaction begins.
	 * @return the end of the commit before
	 */
	public WalPosition start() {
		return this.start;
	}

	/**
	 * Where the last transaction ends.
	 * @return the end of its commit
	 */
	public WalPosition end() {
		return this.end;
	}

	/**
	 * The database's size after the last transaction.
	 * @return in pages
	 */
	public long commit() {
		return this.commit;
	}

	public int pageSize() {
		return this.pageSize;
	}

	/**
	 * How many pages there are.
	 * @return the count
	 */
	public int size() {
		return this.entries.length;
	}

	/**
	 * The number of a page.
	 * @param index 0 to {@link #size()} - 1, ascending
	 * @return the page number, from 1
	 */
	public long pageNumber(int index) {
		return page(this.entries[index]);
	}

	/**
	 * Find a page.
	 * @param pageNumber its number
	 * @return its index, negative when it is not among these
	 */
	public int indexOf(long pageNumber) {
		int at = Arrays.binarySearch(this.entries, (pageNumber << 32) ^ FLIP);
		int index = (at < 0) ? -at - 1 : at;
		return (index < this.entries.length && pageNumber(index) == pageNumber) ? index : -1;
	}

	/**
	 * Read a page's newest image.
	 * @param index 0 to {@link #size()} - 1
	 * @param into where it is put, a page long
	 * @throws IOException when the WAL cannot be read
	 */
	public void read(int index, byte[] into) throws IOException {
		this.frames.page((int) ((this.entries[index] ^ FLIP) & FRAME_MASK), into);
	}

	/**
	 * Where the frames' pages come from.
	 */
	interface Frames {

		void page(int frame, byte[] into) throws IOException;

	}

}
