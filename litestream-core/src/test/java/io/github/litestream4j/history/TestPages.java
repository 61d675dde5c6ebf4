package io.github.litestream4j.history;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.LtxWriter;

import java.io.ByteArrayInputStream;

/**
 * A database of random pages that random transactions change, grow and shrink.
 */
final class TestPages {

	static final int PAGE_SIZE = 512;

	private final Random random;

	private final TreeMap<Long, byte[]> pages = new TreeMap<>();

	TestPages(long seed, int count) {
		this.random = new Random(seed);
		for (long page = 1; page <= count; page++) {
			this.pages.put(page, page(page));
		}
	}

	/**
	 * Make a transaction.
	 * @return the pages that it wrote
	 */
	SortedMap<Long, byte[]> change() {
		long former = this.pages.lastKey();
		long size = this.random.nextInt(3) > 0 ? former : 1 + this.random.nextInt(40);
		SortedMap<Long, byte[]> changed = new TreeMap<>();
		for (long page = former + 1; page <= size; page++) {
			changed.put(page, page(page));
		}
		for (int i = this.random.nextInt(4); i >= 0; i--) {
			long page = 1 + this.random.nextInt((int) size);
			changed.put(page, page(page));
		}
		this.pages.tailMap(size, false).clear();
		this.pages.putAll(changed);
		return changed;
	}

	private byte[] page(long number) {
		byte[] page = new byte[PAGE_SIZE];
		if (this.random.nextBoolean()) {
			this.random.nextBytes(page);
		}
		ByteBuffer bytes = ByteBuffer.wrap(page);
		if (number == 1) {
			bytes.put("SQLite format 3\0".getBytes(StandardCharsets.US_ASCII)).putShort((short) PAGE_SIZE);
		}
		bytes.putLong(PAGE_SIZE - Long.BYTES, this.random.nextLong());
		return page;
	}

	SortedMap<Long, byte[]> all() {
		return new TreeMap<>(this.pages);
	}

	long commit() {
		return this.pages.lastKey();
	}

	/** The whole database. */
	byte[] bytes() {
		return bytes(this.pages);
	}

	static byte[] bytes(SortedMap<Long, byte[]> pages) {
		byte[] bytes = new byte[pages.isEmpty() ? 0 : Math.toIntExact(pages.lastKey() * PAGE_SIZE)];
		pages.forEach((number, page) -> System.arraycopy(page, 0, bytes, (int) (number - 1) * PAGE_SIZE, PAGE_SIZE));
		return bytes;
	}

	static byte[] file(LtxFileName range, long commit, Instant time, SortedMap<Long, byte[]> pages) {
		return file(LtxHeader.of(PAGE_SIZE, commit, range.min(), range.max(), time), pages);
	}

	static byte[] file(LtxHeader header, SortedMap<Long, byte[]> pages) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (var page : pages.entrySet()) {
				writer.writePage(page.getKey(), page.getValue(), 0);
			}
			writer.finish(0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return out.toByteArray();
	}

	/**
	 * Apply a file to a database, as a restore of all files in order does.
	 */
	static LtxHeader apply(byte[] file, TreeMap<Long, byte[]> pages) {
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "file")) {
			byte[] page = new byte[reader.header().pageSize()];
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				pages.put(number, page.clone());
			}
			pages.tailMap(reader.header().commit(), false).clear();
			return reader.header();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
