package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * Writes one LTX file, page by page. With a folder for temporary files in constant
 * memory, else the page index takes some ten bytes a page. Not safe for use by several
 * threads.
 * <p>
 * A file is whole only when {@link #finish} has returned; after an exception nothing
 * further can be written.
 */
public final class LtxWriter implements AutoCloseable {

	private static final int BUFFER = 64 * 1024;

	private final OutputStream out;

	private final LtxHeader header;

	private final PageOrder order;

	private final Crc64 checksum = new Crc64();

	private final IndexEncoder index;

	private byte @Nullable [] buffer;

	private int used;

	private long flushed;

	private long databaseChecksum = Crc64.FLAG;

	/**
	 * Begin a file of few pages, whose index fits into memory.
	 * @param out as below
	 * @param header the file's header
	 */
	public LtxWriter(OutputStream out, LtxHeader header) {
		this(out, header, null);
	}

	/**
	 * Begin a file.
	 * @param out takes the bytes in large pieces; it is flushed at the end and never
	 * closed here
	 * @param header the file's header
	 * @param scratch where the page index is kept when it is too much for memory;
	 * {@code null} to keep it in memory always
	 */
	public LtxWriter(OutputStream out, LtxHeader header, @Nullable ScratchFolder scratch) {
		this.index = new IndexEncoder(scratch);
		this.out = out;
		this.header = header;
		this.order = new PageOrder(header);
		byte[] space = new byte[Math.max(BUFFER, PageRecord.longest(header.pageSize()))];
		ByteBuffer bytes = header.encode();
		bytes.get(space, 0, LtxHeader.SIZE);
		this.checksum.update(space, 0, LtxHeader.SIZE);
		this.used = LtxHeader.SIZE;
		this.buffer = space;
	}

	/**
	 * Write the next page. Pages ascend, none is above the commit size, the lock page is
	 * left out; a snapshot holds all others.
	 * @param pageNumber from 1
	 * @param data holds the page
	 * @param offset where in {@code data} the page begins
	 * @throws IOException when {@code out} fails
	 * @throws IllegalArgumentException when the page cannot stand here
	 */
	public void writePage(long pageNumber, byte[] data, int offset) throws IOException {
		byte[] space = open();
		int pageSize = this.header.pageSize();
		Objects.checkFromIndexSize(offset, pageSize, data.length);
		String problem = (pageNumber < 1) ? "there is no page " + pageNumber : this.order.next(pageNumber);
		if (problem != null) {
			throw new IllegalArgumentException(problem);
		}
		// The zero page header after the last page fits too.
		if (space.length - this.used < PageRecord.longest(pageSize)) {
			drain(space);
		}
		int start = this.used;
		int data0 = start + PageRecord.BLOCK_DATA;
		int compressed = Lz4.COMPRESSOR.compress(data, offset, pageSize, space, data0, space.length - data0);
		ByteBuffer.wrap(space, start, PageRecord.BLOCK_DATA)
			.putInt((int) pageNumber)
			.putShort(PageRecord.SIZED)
			.putInt(compressed);
		this.checksum.update(space, start, PageRecord.BLOCK_DATA);
		this.checksum.update(data, offset, pageSize);
		int length = PageRecord.BLOCK_DATA + compressed;
		this.index.add(pageNumber, this.flushed + start, length);
		this.used = start + length;
		if (this.header.hasChecksums()) {
			this.databaseChecksum ^= Crc64.pageChecksum(pageNumber, data, offset, pageSize) & ~Crc64.FLAG;
		}
	}

	/**
	 * Write the page index and the trailer, and flush.
	 * @param postApplyChecksum the database's checksum after the file; 0 when the header
	 * says that there are none
	 * @return the trailer
	 * @throws IOException when {@code out} fails
	 * @throws IllegalArgumentException when the checksum does not fit the header or the
	 * pages of a snapshot
	 * @throws IllegalStateException when a snapshot is not whole
	 */
	public LtxTrailer finish(long postApplyChecksum) throws IOException {
		byte[] space = open();
		String problem = this.order.end();
		if (problem != null) {
			throw new IllegalStateException(problem);
		}
		boolean known = this.header.isSnapshot() && this.header.hasChecksums();
		if (!LtxTrailer.fits(this.header, postApplyChecksum) || known && postApplyChecksum != this.databaseChecksum) {
			throw new IllegalArgumentException("expected a post-apply checksum "
					+ (known ? "of " + Long.toHexString(this.databaseChecksum)
							: this.header.hasChecksums() ? "with bit 63 set" : "of 0")
					+ ", but it is " + Long.toHexString(postApplyChecksum));
		}
		Arrays.fill(space, this.used, this.used + PageRecord.HEADER, (byte) 0);
		this.checksum.update(space, this.used, PageRecord.HEADER);
		this.used += PageRecord.HEADER;
		drain(space);
		this.buffer = null;
		long length = this.index.writeTo(this.out, this.checksum);
		this.flushed += length;
		ByteBuffer tail = ByteBuffer.allocate(LtxIndex.TAIL).putLong(length).putLong(postApplyChecksum);
		this.checksum.update(tail.array(), 0, tail.position());
		LtxTrailer trailer = new LtxTrailer(postApplyChecksum, this.checksum.value() | Crc64.FLAG);
		tail.putLong(trailer.fileChecksum());
		this.out.write(tail.array());
		this.flushed += tail.capacity();
		this.out.flush();
		close();
		return trailer;
	}

	/**
	 * How long the file is so far.
	 * @return the number of bytes, those included that have not reached {@code out} yet
	 */
	public long bytesWritten() {
		return this.flushed + this.used;
	}

	/**
	 * Release the buffers, and delete the temporary file. A file that was not finished
	 * stays without its end.
	 */
	@Override
	public void close() throws IOException {
		this.buffer = null;
		this.index.close();
	}

	private byte[] open() {
		byte[] space = this.buffer;
		if (space == null) {
			throw new IllegalStateException("this LTX file is finished or was given up");
		}
		return space;
	}

	private void drain(byte[] space) throws IOException {
		// Given up unless the write returns: how much of it arrived is not known.
		this.buffer = null;
		this.out.write(space, 0, this.used);
		this.buffer = space;
		this.flushed += this.used;
		this.used = 0;
	}

}
