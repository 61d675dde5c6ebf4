package io.github.litestream4j.ltx;

import java.io.IOException;
import java.nio.ByteOrder;

import io.github.litestream4j.CorruptDataException;

/**
 * Makes whole page records visible: how long one is only its own bytes tell.
 */
final class RecordInput {

	private final LtxInput input;

	private final int pageSize;

	private final String name;

	RecordInput(LtxInput input, int pageSize, String name) {
		this.input = input;
		this.pageSize = pageSize;
		this.name = name;
	}

	/**
	 * Check what a page header says.
	 * @param page its page number
	 * @param flags its flags
	 */
	void requirePage(long page, int flags) {
		if (page == 0 || flags > PageRecord.SIZED) {
			throw corrupt("expected a page header at byte " + this.input.position() + ", but found page " + page
					+ " with flags 0x" + Integer.toHexString(flags));
		}
	}

	/**
	 * Make the record that begins here visible.
	 * @param page its page number
	 * @param flags its flags
	 * @return its length in bytes, its header included
	 */
	int show(long page, int flags) throws IOException {
		return (flags == PageRecord.SIZED) ? showBlock(page) : showFrame(page);
	}

	private int showBlock(long page) throws IOException {
		this.input.show(PageRecord.BLOCK_DATA, "the size of page " + page);
		int size = this.input.peek(PageRecord.BLOCK_DATA).getInt(PageRecord.HEADER);
		int longest = Lz4.bound(this.pageSize);
		if (size < 1 || size > longest) {
			throw corrupt("expected 1 to " + longest + " bytes of data for page " + page + ", but its size is "
					+ Integer.toUnsignedString(size));
		}
		this.input.show(PageRecord.BLOCK_DATA + size, "page " + page);
		return PageRecord.BLOCK_DATA + size;
	}

	/**
	 * Find out how long the frame of a page is, which only its blocks tell.
	 */
	private int showFrame(long page) throws IOException {
		int longest = PageRecord.longest(this.pageSize);
		int at = PageRecord.HEADER + Lz4Frame.SHORTEST_HEADER;
		this.input.show(at, "the LZ4 frame of page " + page);
		int settings = Lz4Frame.settings(this.input.peek(at).order(ByteOrder.LITTLE_ENDIAN), PageRecord.HEADER);
		if (settings < 0) {
			throw corrupt("expected the LZ4 frame of page " + page + " at byte "
					+ (this.input.position() + PageRecord.HEADER) + ", but there is none");
		}
		at = PageRecord.HEADER + Lz4Frame.headerLength(settings);
		while (true) {
			this.input.show(at + Integer.BYTES, "a block of page " + page);
			int size = this.input.peek(at + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
			at += Integer.BYTES;
			if (size == 0) {
				break;
			}
			int stored = size & Integer.MAX_VALUE;
			if (stored > longest - at) {
				throw corrupt("the LZ4 frame of page " + page + " is longer than a page of " + this.pageSize
						+ " bytes can be");
			}
			at += stored + (Lz4Frame.hasBlockChecksums(settings) ? Integer.BYTES : 0);
		}
		int length = at + (Lz4Frame.hasContentChecksum(settings) ? Integer.BYTES : 0);
		this.input.show(length, "page " + page);
		return length;
	}

	private CorruptDataException corrupt(String problem) {
		return new CorruptDataException(this.name + ": " + problem + "; the file is damaged");
	}

}
