package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

import io.github.litestream4j.CorruptDataException;

/**
 * Reads the page records that follow each other in a part of a file, as a page index
 * tells where they are. Not safe for use by several threads.
 * <p>
 * A record carries no checksum of its own: one that decodes has the right form, and only
 * the file's or the database's checksum proves its content.
 */
public final class LtxRecordReader {

	private final LtxInput input;

	private final RecordInput records;

	private final int pageSize;

	private final String name;

	/**
	 * Begin a part.
	 * @param in gives whole records and nothing else; left open
	 * @param length how many bytes that is
	 * @param pageSize the database's page size in bytes
	 * @param name what messages call the file
	 */
	public LtxRecordReader(InputStream in, long length, int pageSize, String name) {
		this.input = new LtxInput(in, name, length);
		this.records = new RecordInput(this.input, pageSize, name);
		this.pageSize = pageSize;
		this.name = name;
	}

	/**
	 * Read the next page.
	 * @param into takes the page; at least as long as the page size. Its content is
	 * undefined after an exception
	 * @return the page number, or 0 when there are no more
	 * @throws IOException when the stream fails
	 * @throws CorruptDataException when there is anything else than whole records
	 */
	public long nextPage(byte[] into) throws IOException {
		if (this.input.isAtEnd()) {
			return 0;
		}
		this.input.show(PageRecord.HEADER, "a page header");
		ByteBuffer bytes = this.input.peek(PageRecord.HEADER);
		long page = Integer.toUnsignedLong(bytes.getInt());
		int flags = Short.toUnsignedInt(bytes.getShort());
		this.records.requirePage(page, flags);
		int length = this.records.show(page, flags);
		LtxPageDecoder.decode(this.input.array(), this.input.start(), length, into, this.pageSize, this.name);
		this.input.consume(length);
		return page;
	}

}
