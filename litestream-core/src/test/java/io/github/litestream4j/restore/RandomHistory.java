package io.github.litestream4j.restore;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ltx.Crc64;

/**
 * A database of random pages, changed at random, with all of its states and the files
 * that lead to them. Each file carries the checksum of its state.
 */
final class RandomHistory {

	private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

	private final TestReplica replica;

	private final int pageSize;

	private final Random random;

	/** The pages at each TXID: those that did not change are the same arrays. */
	private final List<byte[][]> states = new ArrayList<>();

	/** The XOR of the pages' checksums at each TXID. */
	private final List<Long> sums = new ArrayList<>();

	/**
	 * Begin with a snapshot of TXID 1.
	 */
	RandomHistory(Path folder, int pageSize, int pages, Random random) {
		this.replica = new TestReplica(folder);
		this.pageSize = pageSize;
		this.random = random;
		byte[][] first = new byte[pages][];
		for (int page = 0; page < pages; page++) {
			first[page] = page(page);
		}
		this.states.add(first);
		this.sums.add(sum(first, new byte[0][]));
		snapshot(1);
	}

	TestReplica replica() {
		return this.replica;
	}

	int last() {
		return this.states.size();
	}

	/**
	 * The database at a TXID.
	 */
	byte[] state(long txid) {
		byte[][] pages = pages(txid);
		ByteBuffer database = ByteBuffer.allocate(pages.length * this.pageSize);
		for (byte[] page : pages) {
			database.put(page);
		}
		return database.array();
	}

	private byte[][] pages(long txid) {
		return this.states.get((int) txid - 1);
	}

	/**
	 * Write some pages at random.
	 * @return how many
	 */
	int change(int count) {
		byte[][] next = pages(last()).clone();
		for (int i = 0; i < count; i++) {
			int page = this.random.nextInt(next.length);
			next[page] = page(page);
		}
		return add(next);
	}

	/**
	 * Grow or shrink, and write one page.
	 */
	void resize(int count) {
		byte[][] next = Arrays.copyOf(pages(last()), count);
		for (int page = pages(last()).length; page < count; page++) {
			next[page] = page(page);
		}
		next[0] = page(0);
		add(next);
	}

	private int add(byte[][] next) {
		byte[][] former = pages(last());
		this.sums.add(this.sums.get(last() - 1) ^ sum(next, former) ^ sum(former, next));
		this.states.add(next);
		return merge(0, last(), last());
	}

	/** Of the pages that others do not have. */
	private long sum(byte[][] pages, byte[][] others) {
		long sum = 0;
		for (int page = 0; page < pages.length; page++) {
			if (page >= others.length || pages[page] != others[page]) {
				sum ^= Crc64.pageChecksum(page + 1, pages[page], 0, this.pageSize);
			}
		}
		return sum;
	}

	void snapshot(long txid) {
		SortedMap<Long, byte[]> all = new TreeMap<>();
		for (int page = 0; page < pages(txid).length; page++) {
			all.put(page + 1L, pages(txid)[page]);
		}
		store(9, 1, txid, all);
	}

	/**
	 * Store a file of some transactions, as a writer does it.
	 * @return how many pages are in it
	 */
	int merge(int level, long min, long max) {
		SortedMap<Long, byte[]> changed = new TreeMap<>();
		for (long txid = min; txid <= max; txid++) {
			byte[][] before = pages(txid - 1);
			byte[][] after = pages(txid);
			for (int page = 0; page < after.length; page++) {
				if (page >= before.length || before[page] != after[page]) {
					changed.put(page + 1L, after[page]);
				}
			}
		}
		changed.tailMap(pages(max).length + 1L).clear();
		store(level, min, max, changed);
		return changed.size();
	}

	private void store(int level, long min, long max, SortedMap<Long, byte[]> pages) {
		this.replica.store(level, min, max, this.pageSize, pages(max).length, pages)
			.checksum(level, min, max, this.sums.get((int) max - 1) | Long.MIN_VALUE);
	}

	/** Compresses to a half. */
	private byte[] page(int index) {
		byte[] half = new byte[this.pageSize / 2];
		this.random.nextBytes(half);
		byte[] page = Arrays.copyOf(half, this.pageSize);
		if (index == 0) {
			ByteBuffer.wrap(page).put(MAGIC).putShort((short) ((this.pageSize < 65536) ? this.pageSize : 1));
		}
		return page;
	}

}
