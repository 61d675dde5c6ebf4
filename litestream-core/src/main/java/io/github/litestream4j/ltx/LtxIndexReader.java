package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.InputStream;

import io.github.litestream4j.CorruptDataException;

/**
 * Reads the page index of a file entry by entry, in constant memory, and checks it
 * against itself and the file's length. Not safe for use by several threads.
 * <p>
 * Only what {@link #next} has found whole, by returning {@code false}, can be an index;
 * and only the file's or the database's checksum proves that it is the right one.
 */
public final class LtxIndexReader {

	private static final int BUFFER = 8192;

	private final InputStream in;

	private final long indexLength;

	private final long fileSize;

	private final String name;

	private final byte[] buffer;

	private int position;

	private int limit;

	/** How many bytes of the index were taken. */
	private long consumed;

	private long page;

	private long offset;

	/** Where the current record ends. */
	private long end = LtxHeader.SIZE;

	/**
	 * Begin an index.
	 * @param in gives the bytes of the index, at least; left open
	 * @param indexLength how long it is, see {@link LtxIndex#indexLength}
	 * @param fileSize the file's length in bytes
	 * @param name what messages call the file
	 */
	public LtxIndexReader(InputStream in, long indexLength, long fileSize, String name) {
		this.in = in;
		this.indexLength = indexLength;
		this.fileSize = fileSize;
		this.name = name;
		this.buffer = new byte[(int) Math.min(BUFFER, indexLength)];
	}

	/**
	 * Go on to the next page.
	 * @return {@code false} when there are no more
	 * @throws IOException when the stream fails
	 * @throws CorruptDataException when this is not the index of a file of this length
	 */
	public boolean next() throws IOException {
		long number = varint();
		if (number == 0) {
			finish();
			return false;
		}
		this.offset = varint();
		long length = varint();
		if (number < 0 || number <= this.page || number > 0xffffffffL) {
			throw damaged("page " + Long.toUnsignedString(number) + " follows page " + this.page);
		}
		if (this.offset != this.end) {
			throw damaged("page " + number + " is at byte " + Long.toUnsignedString(this.offset)
					+ ", where the one before it ends at byte " + this.end);
		}
		if (length <= PageRecord.HEADER || length > LtxIndex.LONGEST_PAGE) {
			throw damaged("page " + number + " has " + Long.toUnsignedString(length) + " bytes");
		}
		this.page = number;
		this.end += length;
		return true;
	}

	/**
	 * The current page.
	 * @return its number, ascending
	 */
	public long pageNumber() {
		return this.page;
	}

	/**
	 * Where the current page's record begins.
	 * @return the byte of the file
	 */
	public long offset() {
		return this.offset;
	}

	/**
	 * How long the current page's record is, its header included.
	 * @return the number of bytes
	 */
	public long length() {
		return this.end - this.offset;
	}

	private void finish() {
		if (this.consumed != this.indexLength) {
			throw damaged("it ends after " + this.consumed + " of " + this.indexLength + " bytes");
		}
		if (this.end + PageRecord.HEADER + this.indexLength + LtxIndex.TAIL != this.fileSize) {
			throw damaged("its last page ends with byte " + this.end + ", which does not fit a file of " + this.fileSize
					+ " bytes");
		}
	}

	private long varint() throws IOException {
		long value = 0;
		for (int shift = 0; shift < Long.SIZE; shift += 7) {
			byte next = take();
			value |= (next & 0x7fL) << shift;
			if (next >= 0) {
				return value;
			}
		}
		throw damaged("a number has more than 64 bits");
	}

	private byte take() throws IOException {
		if (this.position == this.limit) {
			int wanted = (int) Math.min(this.buffer.length, this.indexLength - this.consumed);
			int count = (wanted > 0) ? this.in.read(this.buffer, 0, wanted) : -1;
			if (count <= 0) {
				throw damaged("it has no end within " + this.indexLength + " bytes");
			}
			this.position = 0;
			this.limit = count;
		}
		this.consumed++;
		return this.buffer[this.position++];
	}

	private CorruptDataException damaged(String problem) {
		return new CorruptDataException(this.name + ": the page index is damaged, " + problem);
	}

}
