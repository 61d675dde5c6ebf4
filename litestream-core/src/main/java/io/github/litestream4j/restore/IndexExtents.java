package io.github.litestream4j.restore;

import java.util.Iterator;
import java.util.List;

import io.github.litestream4j.ltx.LtxIndex;
import io.github.litestream4j.storage.StoredFile;

/**
 * What is fetched of each file to learn which pages it has. Small ones are fetched whole
 * as long as not too much of them turns out to be older than what is there already; of
 * others the end, so much as the index will probably take. Not safe for use by several
 * threads.
 */
final class IndexExtents implements Iterator<Extent> {

	private static final int SMALL = 64 * 1024;

	/** What part of the oldest file's bytes may be read of small files in vain. */
	private static final double WASTE = 0.06;

	/** A fifth more than expected, and a few entries. */
	private static final double RESERVE = 1.2;

	private static final int LEAST = 64;

	private static final int MOST = 4 * 1024 * 1024;

	/** For pages of 4096 bytes that compress to a half: eight bytes of index for each. */
	private static final double FIRST_SHARE = 0.004;

	private final Iterator<StoredFile> files;

	/** How many bytes may still be read in vain. */
	private long allowed;

	/** Of all indexes that were read. */
	private long indexBytes;

	/** Of all files whose indexes were read. */
	private long fileBytes;

	/**
	 * Begin with the newest file.
	 * @param files the plan's files, newest first
	 */
	IndexExtents(List<StoredFile> files) {
		this.files = files.iterator();
		this.allowed = (long) (files.get(files.size() - 1).size() * WASTE);
	}

	/**
	 * Learn how long indexes are.
	 * @param index an index, in bytes
	 * @param file the file that it is of, in bytes
	 */
	void learn(long index, long file) {
		this.indexBytes += index;
		this.fileBytes += file;
	}

	/**
	 * Learn how much of a small file was needed.
	 * @param bytes how many bytes were read in vain
	 */
	void wasted(long bytes) {
		this.allowed -= bytes;
	}

	@Override
	public boolean hasNext() {
		return this.files.hasNext();
	}

	@Override
	public Extent next() {
		StoredFile file = this.files.next();
		double share = (this.fileBytes > 0) ? (double) this.indexBytes / this.fileBytes : FIRST_SHARE;
		long tail = LtxIndex.TAIL + LEAST + (long) Math.min(file.size() * share * RESERVE, MOST);
		boolean small = file.size() <= SMALL && this.allowed > 0;
		return (small || 2 * tail >= file.size()) ? Extent.whole(file) : new Extent(file, file.size() - tail, tail);
	}

}
