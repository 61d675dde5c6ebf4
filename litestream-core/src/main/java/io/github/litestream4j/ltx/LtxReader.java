package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

import io.github.litestream4j.CorruptDataException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one LTX file from its start to its end and checks all of it, in constant memory.
 * Not safe for use by several threads.
 * <p>
 * Pages are given out before the file's checksum, which stands at its end, can be
 * checked: what they say counts only when {@link #nextPage} has returned 0. An
 * {@link IOException} is the stream's own; a stream that ends early or holds anything
 * else than a valid file is a {@link CorruptDataException}.
 */
public final class LtxReader implements AutoCloseable {

	/** How much of the index is looked at in one go. */
	private static final int PIECE = 8192;

	private final InputStream in;

	private final String name;

	private final LtxInput input;

	private final LtxHeader header;

	private final RecordInput records;

	private final PageOrder order;

	private final Crc64 checksum = new Crc64();

	private final Crc64 expectedIndex = new Crc64();

	private final byte[] entry = new byte[IndexEncoder.LONGEST_ENTRY];

	private long indexLength;

	private long databaseChecksum = Crc64.FLAG;

	private @Nullable LtxTrailer trailer;

	/**
	 * Begin a file and read its header.
	 * @param in gives the whole file and nothing after it; closed with this reader, but
	 * left open when this constructor fails
	 * @param name what messages call the file
	 * @throws IOException when the stream fails
	 * @throws CorruptDataException when there is no valid header
	 */
	public LtxReader(InputStream in, String name) throws IOException {
		this.in = in;
		this.name = name;
		this.input = new LtxInput(in, name);
		this.input.show(LtxHeader.SIZE, "a header of " + LtxHeader.SIZE + " bytes");
		this.header = LtxHeader.decode(this.input.peek(LtxHeader.SIZE), name);
		this.records = new RecordInput(this.input, this.header.pageSize(), name);
		this.order = new PageOrder(this.header);
		take(LtxHeader.SIZE);
	}

	public LtxHeader header() {
		return this.header;
	}

	/**
	 * Read the next page or, after the last one, the rest of the file.
	 * @param into takes the page; at least as long as the page size. Its content is
	 * undefined after an exception
	 * @return the page number, or 0 when there are no more: then the index, the trailer
	 * and the file's checksum have been found right
	 * @throws IOException when the stream fails
	 * @throws CorruptDataException when the file breaks a rule of the format
	 */
	public long nextPage(byte[] into) throws IOException {
		if (this.trailer != null) {
			return 0;
		}
		this.input.show(PageRecord.HEADER, "a page header");
		ByteBuffer bytes = this.input.peek(PageRecord.HEADER);
		long page = Integer.toUnsignedLong(bytes.getInt());
		int flags = Short.toUnsignedInt(bytes.getShort());
		if (page == 0 && flags == 0) {
			take(PageRecord.HEADER);
			finish();
			return 0;
		}
		this.records.requirePage(page, flags);
		reject(this.order.next(page));
		int length = this.records.show(page, flags);
		LtxPageDecoder.decode(this.input.array(), this.input.start(), length, into, this.header.pageSize(), this.name);
		this.indexLength += expect(page, this.input.position(), length);
		int summed = (flags == PageRecord.SIZED) ? PageRecord.BLOCK_DATA : PageRecord.HEADER;
		this.checksum.update(this.input.array(), this.input.start(), summed);
		this.checksum.update(into, 0, this.header.pageSize());
		this.input.consume(length);
		if (this.header.isSnapshot() && this.header.hasChecksums()) {
			this.databaseChecksum ^= Crc64.pageChecksum(page, into, 0, this.header.pageSize()) & ~Crc64.FLAG;
		}
		return page;
	}

	/**
	 * Read all pages that are left and the rest of the file, to learn that it is valid.
	 * @throws IOException when the stream fails
	 * @throws CorruptDataException when the file breaks a rule of the format
	 */
	public void readToEnd() throws IOException {
		byte[] page = new byte[this.header.pageSize()];
		while (nextPage(page) != 0) {
			// each page is checked as it is read, the whole at the end
		}
	}

	/**
	 * The trailer, once {@link #nextPage} has returned 0.
	 * @return the trailer
	 * @throws IllegalStateException when the end has not been reached
	 */
	public LtxTrailer trailer() {
		LtxTrailer result = this.trailer;
		if (result == null) {
			throw new IllegalStateException(this.name + ": the trailer is known only after the last page");
		}
		return result;
	}

	/**
	 * Close the stream.
	 */
	@Override
	public void close() throws IOException {
		this.in.close();
	}

	private int expect(long page, long offset, int length) {
		int size = IndexEncoder.put(this.entry, 0, page, offset, length);
		this.expectedIndex.update(this.entry, 0, size);
		return size;
	}

	private void finish() throws IOException {
		reject(this.order.end());
		this.expectedIndex.update(new byte[1], 0, 1);
		this.indexLength++;
		Crc64 found = new Crc64();
		for (long rest = this.indexLength; rest > 0;) {
			int length = (int) Math.min(rest, PIECE);
			this.input.show(length, "the page index");
			found.update(this.input.peek(length));
			take(length);
			rest -= length;
		}
		this.input.show(LtxIndex.TAIL, "the trailer");
		ByteBuffer tail = this.input.peek(LtxIndex.TAIL);
		long length = tail.getLong();
		if (length != this.indexLength || found.value() != this.expectedIndex.value()) {
			throw corrupt("the page index is not that of the pages in the file");
		}
		take(LtxIndex.TAIL - Long.BYTES);
		this.input.consume(Long.BYTES);
		LtxTrailer result = verify(tail.getLong(), tail.getLong());
		if (!this.input.atEnd()) {
			throw corrupt("expected the file to end at byte " + this.input.position() + ", but more follows");
		}
		this.trailer = result;
	}

	private LtxTrailer verify(long postApplyChecksum, long fileChecksum) {
		long actual = this.checksum.value() | Crc64.FLAG;
		if (fileChecksum != actual) {
			throw corrupt("the file's checksum is " + Long.toHexString(fileChecksum) + ", but its content gives "
					+ Long.toHexString(actual));
		}
		if (!LtxTrailer.fits(this.header, postApplyChecksum)) {
			throw corrupt("the post-apply checksum " + Long.toHexString(postApplyChecksum)
					+ " does not fit the header's flags");
		}
		if (this.header.isSnapshot() && this.header.hasChecksums() && postApplyChecksum != this.databaseChecksum) {
			throw corrupt("the database's checksum is " + Long.toHexString(postApplyChecksum) + ", but its pages give "
					+ Long.toHexString(this.databaseChecksum));
		}
		return new LtxTrailer(postApplyChecksum, fileChecksum);
	}

	private void take(int length) {
		this.checksum.update(this.input.array(), this.input.start(), length);
		this.input.consume(length);
	}

	private void reject(@Nullable String problem) {
		if (problem != null) {
			throw corrupt(problem);
		}
	}

	private CorruptDataException corrupt(String problem) {
		return new CorruptDataException(this.name + ": " + problem + "; the file is damaged");
	}

}
