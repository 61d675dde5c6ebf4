package io.github.litestream4j.ltx;

/**
 * How a page stands in a file: a header of page number and flags, then either a size and
 * an LZ4 block, or, in older files, an LZ4 frame.
 */
final class PageRecord {

	/** Length of page number and flags. */
	static final int HEADER = 6;

	/** Where the data of a sized record begins. */
	static final int BLOCK_DATA = HEADER + 4;

	/** Flag: a size and an LZ4 block follow. */
	static final short SIZED = 0x1;

	private PageRecord() {
	}

	/**
	 * No record of a page of this size is longer, whichever its form: what claims to be
	 * longer is damaged.
	 */
	static int longest(int pageSize) {
		return BLOCK_DATA + Lz4.bound(pageSize) + 1024;
	}

}
