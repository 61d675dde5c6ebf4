package io.github.litestream4j.restore;

import io.github.litestream4j.ltx.LtxHeader;

/**
 * Which pages of a database there are: one bit a page. Not safe for use by several
 * threads.
 */
final class PageSet {

	private final long count;

	private final long lockPage;

	private final long[] present;

	private long size;

	/**
	 * Create an empty set.
	 * @param pageSize in bytes
	 * @param count the database's size in pages
	 */
	PageSet(int pageSize, long count) {
		this.count = count;
		this.lockPage = LtxHeader.lockPage(pageSize);
		this.present = new long[(int) (count / Long.SIZE) + 1];
	}

	/**
	 * Add a page.
	 * @param number from 1
	 * @return {@code false} when it is there already, the database ends before it, or it
	 * is the lock page, which has no content
	 */
	boolean add(long number) {
		if (number > this.count || number == this.lockPage) {
			return false;
		}
		int index = (int) (number / Long.SIZE);
		long bit = 1L << (number % Long.SIZE);
		if ((this.present[index] & bit) != 0) {
			return false;
		}
		this.present[index] |= bit;
		this.size++;
		return true;
	}

	private boolean contains(long number) {
		return (this.present[(int) (number / Long.SIZE)] & (1L << (number % Long.SIZE))) != 0;
	}

	/**
	 * How many pages were added.
	 * @return their number
	 */
	long size() {
		return this.size;
	}

	/** Whether no page is missing but the lock page. */
	boolean isFull() {
		return this.size == this.count - ((this.lockPage <= this.count) ? 1 : 0);
	}

	/**
	 * Find a page that was not added.
	 * @return the first one's number, 0 when the set is full
	 */
	long firstMissing() {
		for (long number = 1; number <= this.count; number++) {
			if (!contains(number) && number != this.lockPage) {
				return number;
			}
		}
		return 0;
	}

}
