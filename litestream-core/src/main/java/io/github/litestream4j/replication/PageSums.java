package io.github.litestream4j.replication;

import java.util.Arrays;

import io.github.litestream4j.ltx.Crc64;

/**
 * The checksums of some pages, ascending by page number: sixteen bytes a page.
 */
final class PageSums {

	private long[] pages = new long[16];

	private long[] sums = new long[16];

	private int size;

	/**
	 * Note a page.
	 * @param page its number, above those before
	 * @param bytes the page
	 */
	void add(long page, byte[] bytes) {
		add(page, Crc64.pageChecksum(page, bytes, 0, bytes.length));
	}

	void add(long page, long sum) {
		if (this.size == this.pages.length) {
			this.pages = Arrays.copyOf(this.pages, this.size * 2);
			this.sums = Arrays.copyOf(this.sums, this.size * 2);
		}
		this.pages[this.size] = page;
		this.sums[this.size] = sum;
		this.size++;
	}

	int size() {
		return this.size;
	}

	long page(int index) {
		return this.pages[index];
	}

	long sum(int index) {
		return this.sums[index];
	}

}
