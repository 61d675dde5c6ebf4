package io.github.litestream4j.restore;

import java.io.InputStream;
import java.util.Objects;

/**
 * One part of a {@link FileFetcher}, from its first byte to its last.
 */
final class FetchedExtent extends InputStream {

	private final FileFetcher fetcher;

	private final Extent extent;

	private long toFetch;

	private byte[] range = {};

	private int position;

	FetchedExtent(FileFetcher fetcher, Extent extent) {
		this.fetcher = fetcher;
		this.extent = extent;
		this.toFetch = extent.length();
	}

	/**
	 * What this is.
	 * @return the part that was asked for
	 */
	Extent extent() {
		return this.extent;
	}

	@Override
	public int read() {
		return fetched() ? this.range[this.position++] & 0xff : -1;
	}

	@Override
	public int read(byte[] into, int offset, int length) {
		Objects.checkFromIndexSize(offset, length, into.length);
		if (length == 0) {
			return 0;
		}
		if (!fetched()) {
			return -1;
		}
		int count = Math.min(length, this.range.length - this.position);
		System.arraycopy(this.range, this.position, into, offset, count);
		this.position += count;
		return count;
	}

	@Override
	public int available() {
		return this.range.length - this.position;
	}

	private boolean fetched() {
		if (this.position < this.range.length) {
			return true;
		}
		if (this.toFetch == 0) {
			return false;
		}
		this.range = this.fetcher.nextRange();
		this.toFetch -= this.range.length;
		this.position = 0;
		return true;
	}

}
