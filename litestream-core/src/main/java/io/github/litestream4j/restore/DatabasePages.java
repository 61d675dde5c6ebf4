package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

import io.github.litestream4j.ltx.Crc64;

/**
 * Puts the pages of a database at their places, each once, newest first: what comes later
 * for the same page is older and passed over. Remembers one bit a page. Not safe for use
 * by several threads.
 */
final class DatabasePages {

	/** Pages that follow each other are written together. */
	private static final int RUN_SIZE = 1024 * 1024;

	private final FileChannel file;

	private final int pageSize;

	private final long count;

	private final PageSet present;

	private final ByteBuffer run = ByteBuffer.allocateDirect(RUN_SIZE);

	private long runStart;

	/** A page of zeros. */
	private final byte[] empty;

	/** The XOR of the checksums of the pages that were put. */
	private long sum;

	/**
	 * Create an empty database.
	 * @param file where to write it; empty
	 * @param pageSize in bytes
	 * @param count its size in pages
	 */
	DatabasePages(FileChannel file, int pageSize, long count) {
		this.file = file;
		this.pageSize = pageSize;
		this.count = count;
		this.empty = new byte[pageSize];
		this.present = new PageSet(pageSize, count);
	}

	int pageSize() {
		return this.pageSize;
	}

	long count() {
		return this.count;
	}

	/**
	 * Put a page at its place, unless a newer one is there or the database ends before
	 * it.
	 * @param number the page's number, from 1
	 * @param page holds the page at its start
	 * @throws IOException when it cannot be written
	 */
	void put(long number, byte[] page) throws IOException {
		if (!this.present.add(number)) {
			return;
		}
		this.sum ^= Crc64.pageChecksum(number, page, 0, this.pageSize);
		if (Arrays.equals(page, 0, this.pageSize, this.empty, 0, this.pageSize)) {
			// The file was empty: what is not written is zeros, and takes no place
			return;
		}
		long offset = (number - 1) * this.pageSize;
		if (offset != this.runStart + this.run.position() || this.run.remaining() < this.pageSize) {
			flush();
			this.runStart = offset;
		}
		this.run.put(page, 0, this.pageSize);
	}

	/**
	 * How many pages were put.
	 * @return their number
	 */
	long size() {
		return this.present.size();
	}

	/**
	 * The checksum of the whole database, as LTX defines it.
	 * @return the checksum of the pages that were put, bit 63 set
	 */
	long checksum() {
		return this.sum | (1L << 63);
	}

	/**
	 * Find a page that nothing has been put at.
	 * @return the first one's number, 0 when the database is whole
	 */
	long firstMissing() {
		return this.present.firstMissing();
	}

	/**
	 * Write what is not written yet, and give the file the database's size, which its
	 * pages do unless the last one is the lock page, or zeros.
	 * @throws IOException when it cannot be written
	 */
	void finish() throws IOException {
		flush();
		long size = this.count * this.pageSize;
		if (this.file.size() < size) {
			this.file.write(ByteBuffer.allocate(1), size - 1);
		}
	}

	private void flush() throws IOException {
		this.run.flip();
		long position = this.runStart;
		while (this.run.hasRemaining()) {
			position += this.file.write(this.run, position);
		}
		this.runStart = position;
		this.run.clear();
	}

}
