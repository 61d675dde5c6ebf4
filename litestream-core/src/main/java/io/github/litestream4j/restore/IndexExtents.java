package io.github.litestream4j.restore;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

import io.github.litestream4j.ltx.LtxIndex;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * What is fetched of each file to learn which pages it has: small ones whole, as long as
 * that is little against the whole database, of others the end, so much as the index will
 * probably take. Not safe for use by several threads.
 */
final class IndexExtents implements Iterator<Extent> {

	private static final int SMALL = 64 * 1024;

	/** What part of the oldest file's bytes all small files together may take. */
	private static final int SHARE = 20;

	/** A fifth more than expected, and a few entries. */
	private static final double RESERVE = 1.2;

	private static final int LEAST = 64;

	private static final int MOST = 4 * 1024 * 1024;

	private final Iterator<StoredFile> files;

	private final Set<LtxKey> whole = new HashSet<>();

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
		long left = files.get(files.size() - 1).size() / SHARE;
		for (StoredFile file : files) {
			if (file.size() <= 2 * LEAST || file.size() <= Math.min(left, SMALL)) {
				left -= file.size();
				this.whole.add(file.key());
			}
		}
	}

	boolean isWhole(StoredFile file) {
		return this.whole.contains(file.key());
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

	@Override
	public boolean hasNext() {
		return this.files.hasNext();
	}

	@Override
	public Extent next() {
		StoredFile file = this.files.next();
		// Of pages of 4096 bytes that compress to a half: eight bytes of index for two
		// thousand
		double share = (this.fileBytes > 0) ? (double) this.indexBytes / this.fileBytes : 0.004;
		long tail = LtxIndex.TAIL + LEAST + (long) Math.min(file.size() * share * RESERVE, MOST);
		return (isWhole(file) || tail >= file.size()) ? Extent.whole(file) : new Extent(file, file.size() - tail, tail);
	}

}
