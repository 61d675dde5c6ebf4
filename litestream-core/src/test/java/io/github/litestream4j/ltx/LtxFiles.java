package io.github.litestream4j.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;

/**
 * Whole LTX files in memory, for tests.
 */
final class LtxFiles {

	private static final String NAME = "app/0000/test.ltx";

	private LtxFiles() {
	}

	static LtxHeader snapshot(int pageSize, long commit) {
		return LtxHeader.of(pageSize, commit, Txid.FIRST, Txid.FIRST, Instant.EPOCH);
	}

	static LtxHeader incremental(int pageSize, long commit) {
		return LtxHeader.of(pageSize, commit, new Txid(7), new Txid(9), Instant.ofEpochMilli(1_700_000_000_123L));
	}

	/**
	 * A page of which about half compresses.
	 */
	static ByteBuffer page(int pageSize, long seed) {
		byte[] bytes = new byte[pageSize];
		new Random(seed).nextBytes(bytes);
		for (int i = pageSize / 2; i < pageSize; i++) {
			bytes[i] = (byte) ((i % 16 == 0) ? i >> 4 : seed);
		}
		return ByteBuffer.wrap(bytes);
	}

	static byte[] write(LtxHeader header, SortedMap<Long, ByteBuffer> pages, long postApplyChecksum) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (var page : pages.entrySet()) {
				writer.writePage(page.getKey(), page.getValue().array(), 0);
			}
			writer.finish(postApplyChecksum);
			if (writer.bytesWritten() != out.size()) {
				throw new AssertionError("counted " + writer.bytesWritten() + " bytes, wrote " + out.size());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return out.toByteArray();
	}

	static Whole read(byte[] file) throws IOException {
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), NAME)) {
			SortedMap<Long, ByteBuffer> pages = pages(reader);
			return new Whole(reader.header(), pages, reader.trailer());
		}
	}

	static SortedMap<Long, ByteBuffer> pages(LtxReader reader) throws IOException {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		byte[] page = new byte[reader.header().pageSize()];
		for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
			pages.put(number, ByteBuffer.wrap(page.clone()));
		}
		return pages;
	}

	static LtxIndex index(byte[] file) {
		ByteBuffer bytes = ByteBuffer.wrap(file);
		ByteBuffer tail = bytes.slice(Math.max(0, file.length - LtxIndex.TAIL), Math.min(file.length, LtxIndex.TAIL));
		int length = (int) LtxIndex.indexLength(tail, file.length, NAME);
		return LtxIndex.decode(bytes.slice(file.length - LtxIndex.TAIL - length, length), file.length, NAME);
	}

	static SortedMap<Long, ByteBuffer> readThroughIndex(byte[] file) {
		LtxHeader header = LtxHeader.decode(ByteBuffer.wrap(file));
		LtxIndex index = index(file);
		index.verify(header);
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		for (int i = 0; i < index.size(); i++) {
			byte[] page = new byte[header.pageSize()];
			long number = LtxPageDecoder.decode(file, (int) index.offset(i), (int) index.length(i), page, NAME);
			if (number != index.pageNumber(i)) {
				throw new AssertionError("the index says page " + index.pageNumber(i) + ", the file " + number);
			}
			pages.put(number, ByteBuffer.wrap(page));
		}
		return pages;
	}

	/**
	 * A file as it is told, whatever the rules say, with an index and checksums that fit.
	 */
	static byte[] raw(LtxHeader header, long postApplyChecksum, Entry... entries) {
		return raw(header.encode().array(), postApplyChecksum, entries);
	}

	static byte[] raw(byte[] header, long postApplyChecksum, Entry... entries) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		Crc64 crc = new Crc64();
		IndexEncoder index = new IndexEncoder(null);
		out.writeBytes(header);
		crc.update(header, 0, header.length);
		for (Entry entry : entries) {
			add(index, entry, out.size());
			int summed = (entry.flags() == PageRecord.SIZED) ? Integer.BYTES : 0;
			byte[] start = ByteBuffer.allocate(PageRecord.HEADER)
				.putInt((int) entry.number())
				.putShort((short) entry.flags())
				.array();
			crc.update(start, 0, start.length);
			crc.update(entry.data(), 0, summed);
			crc.update(entry.page());
			entry.page().rewind();
			out.writeBytes(start);
			out.writeBytes(entry.data());
		}
		return end(out, crc, index, postApplyChecksum);
	}

	private static void add(IndexEncoder index, Entry entry, long offset) {
		try {
			index.add(entry.number(), offset, PageRecord.HEADER + entry.data().length);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] end(ByteArrayOutputStream out, Crc64 crc, IndexEncoder index, long postApplyChecksum) {
		out.writeBytes(new byte[PageRecord.HEADER]);
		crc.update(new byte[PageRecord.HEADER], 0, PageRecord.HEADER);
		try {
			long length = index.writeTo(out, crc);
			ByteBuffer tail = ByteBuffer.allocate(LtxIndex.TAIL).putLong(length).putLong(postApplyChecksum);
			crc.update(tail.array(), 0, tail.position());
			out.writeBytes(tail.putLong(crc.value() | Long.MIN_VALUE).array());
			return out.toByteArray();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Entry block(long number, ByteBuffer page) {
		byte[] compressed = LZ4Factory.safeInstance().fastCompressor().compress(page.array());
		byte[] data = ByteBuffer.allocate(Integer.BYTES + compressed.length)
			.putInt(compressed.length)
			.put(compressed)
			.array();
		return new Entry(number, PageRecord.SIZED, data, page);
	}

	/**
	 * A page in the older form.
	 */
	static Entry frame(long number, ByteBuffer page, LZ4FrameOutputStream.FLG.Bits... features) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LZ4FrameOutputStream frame = new LZ4FrameOutputStream(out, LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
				page.remaining(), features)) {
			frame.write(page.array());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return new Entry(number, 0, out.toByteArray(), page);
	}

	/**
	 * What stands in a file for a page.
	 *
	 * @param data everything after the page header
	 * @param page what the file's checksum takes for it
	 */
	record Entry(long number, int flags, byte[] data, ByteBuffer page) {

	}

	record Whole(LtxHeader header, SortedMap<Long, ByteBuffer> pages, LtxTrailer trailer) {

	}

}
