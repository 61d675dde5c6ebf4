package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.github.litestream4j.CorruptDataException;

/**
 * The page index of a file, read from its tail without the rest. Immutable, twelve bytes
 * a page.
 * <p>
 * First {@link #indexLength} of the file's last {@value #TAIL} bytes, then
 * {@link #decode} of the bytes of that length before them.
 */
public final class LtxIndex {

	/** How many bytes follow the index: its length, and the trailer. */
	public static final int TAIL = Long.BYTES + LtxTrailer.SIZE;

	/** What a file has besides pages and index. */
	private static final int FIXED = LtxHeader.SIZE + PageRecord.HEADER + TAIL;

	static final int LONGEST_PAGE = PageRecord.longest(65536);

	private final String name;

	private final int[] pages;

	/** Where each page begins, and where the last one ends. */
	private final long[] offsets;

	private LtxIndex(String name, int[] pages, long[] offsets) {
		this.name = name;
		this.pages = pages;
		this.offsets = offsets;
	}

	/**
	 * How long a file's index is.
	 * @param tail24 the last {@value #TAIL} bytes of the file, from the buffer's position
	 * @param fileSize the file's length in bytes
	 * @param name what messages call the file
	 * @return the number of bytes that stand before the tail
	 * @throws CorruptDataException when that cannot be
	 */
	public static long indexLength(ByteBuffer tail24, long fileSize, String name) {
		ByteBuffer tail = tail24.slice().order(ByteOrder.BIG_ENDIAN);
		if (fileSize <= FIXED || tail.remaining() < TAIL) {
			throw new CorruptDataException(name + ": expected an LTX file of more than " + FIXED + " bytes, but it has "
					+ fileSize + "; the file is truncated");
		}
		long length = tail.getLong();
		if (length < 1 || length > fileSize - FIXED || tail.getLong(TAIL - Long.BYTES) >= 0) {
			throw new CorruptDataException(name + ": expected the length of the page index and a trailer at byte "
					+ (fileSize - TAIL) + ", but they are not there; the file is truncated or damaged");
		}
		return length;
	}

	/**
	 * Read an index and check it against itself and the file's length.
	 * @param indexBytes exactly the bytes of the index, between position and limit
	 * @param fileSize the file's length in bytes
	 * @param name what messages call the file
	 * @return the index
	 * @throws CorruptDataException when it is not the index of a file of this length
	 */
	public static LtxIndex decode(ByteBuffer indexBytes, long fileSize, String name) {
		ByteBuffer bytes = indexBytes.slice();
		int length = bytes.remaining();
		int size = count(bytes, name);
		int[] pages = new int[size];
		long[] offsets = new long[size + 1];
		long last = 0;
		long end = LtxHeader.SIZE;
		for (int i = 0; i < size; i++) {
			long page = varint(bytes, name);
			long offset = varint(bytes, name);
			long recordLength = varint(bytes, name);
			if (page <= last || page > 0xffffffffL) {
				throw damaged(name, "page " + Long.toUnsignedString(page) + " follows page " + last);
			}
			if (offset != end) {
				throw damaged(name, "page " + page + " is at byte " + Long.toUnsignedString(offset)
						+ ", where the one before it ends at byte " + end);
			}
			if (recordLength <= PageRecord.HEADER || recordLength > LONGEST_PAGE) {
				throw damaged(name, "page " + page + " has " + Long.toUnsignedString(recordLength) + " bytes");
			}
			pages[i] = (int) page;
			offsets[i] = offset;
			last = page;
			end += recordLength;
		}
		offsets[size] = end;
		if (end + PageRecord.HEADER + length + TAIL != fileSize) {
			throw damaged(name, "it ends with byte " + end + ", which does not fit a file of " + fileSize + " bytes");
		}
		return new LtxIndex(name, pages, offsets);
	}

	/**
	 * Check the pages against the file's header: none above the commit size, not the lock
	 * page, and all of them in a snapshot.
	 * @param header the header of the same file
	 * @throws CorruptDataException when the two do not fit
	 */
	public void verify(LtxHeader header) {
		PageOrder order = new PageOrder(header);
		int longest = PageRecord.longest(header.pageSize());
		for (int i = 0; i < size(); i++) {
			String problem = order.next(pageNumber(i));
			if (problem == null && length(i) > longest) {
				problem = "page " + pageNumber(i) + " has " + length(i) + " bytes";
			}
			if (problem != null) {
				throw damaged(this.name, problem);
			}
		}
		String problem = order.end();
		if (problem != null) {
			throw damaged(this.name, problem);
		}
	}

	/**
	 * How many pages the file holds.
	 * @return their number
	 */
	public int size() {
		return this.pages.length;
	}

	/**
	 * The number of a page.
	 * @param i 0 to {@link #size()} - 1
	 * @return the page number, ascending with {@code i}
	 */
	public long pageNumber(int i) {
		return Integer.toUnsignedLong(this.pages[i]);
	}

	/**
	 * Where a page's record begins.
	 * @param i 0 to {@link #size()} - 1
	 * @return the byte of the file
	 */
	public long offset(int i) {
		return this.offsets[i];
	}

	/**
	 * How long a page's record is, its header included.
	 * @param i 0 to {@link #size()} - 1
	 * @return the number of bytes
	 */
	public long length(int i) {
		return this.offsets[i + 1] - this.offsets[i];
	}

	/**
	 * Count the entries, so that the arrays are as long as the bytes justify.
	 */
	private static int count(ByteBuffer bytes, String name) {
		int varints = 0;
		for (int i = 0; i < bytes.limit(); i++) {
			varints += (bytes.get(i) >= 0) ? 1 : 0;
		}
		if (varints % 3 != 1 || bytes.get(bytes.limit() - 1) != 0) {
			throw damaged(name, "it does not consist of entries and a closing 0");
		}
		return varints / 3;
	}

	private static long varint(ByteBuffer bytes, String name) {
		long value = 0;
		for (int shift = 0; shift < Long.SIZE; shift += 7) {
			byte next = bytes.get();
			value |= (next & 0x7fL) << shift;
			if (next >= 0) {
				return value;
			}
		}
		throw damaged(name, "a number has more than 64 bits");
	}

	private static CorruptDataException damaged(String name, String problem) {
		return new CorruptDataException(name + ": the page index is damaged, " + problem);
	}

}
