package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * Makes a small database large: with free pages, of which all but one in a thousand are
 * holes in the file or, when they are to be filled, hold bytes that compress to a third.
 */
final class SparseDatabase {

	private static final int SIZE_FIELD = 28;

	private static final int FIRST_TRUNK_FIELD = 32;

	private static final int PIECE = 1 << 20;

	private final FileChannel file;

	private final int pageSize;

	private final long lockPage;

	private final long pages;

	private SparseDatabase(FileChannel file, int pageSize, long pages) {
		this.file = file;
		this.pageSize = pageSize;
		this.lockPage = (1L << 30) / pageSize + 1;
		this.pages = pages;
	}

	/**
	 * Extend a database that nobody has open.
	 * @param path the database, not in WAL mode and without free pages
	 * @param size how long it is to be, in bytes
	 * @param filled whether the pages are to hold bytes
	 */
	static void extend(Path path, long size, boolean filled) throws IOException {
		try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			ByteBuffer header = ByteBuffer.allocate(100);
			file.read(header, 0);
			int field = Short.toUnsignedInt(header.getShort(16));
			int pageSize = (field == 1) ? 65536 : field;
			new SparseDatabase(file, pageSize, size / pageSize).extend(header.getInt(SIZE_FIELD), filled);
		}
	}

	private void extend(long used, boolean filled) throws IOException {
		if (filled) {
			fill(used * this.pageSize);
		}
		long first = next(used);
		long free = 0;
		for (long trunk = first; trunk <= this.pages;) {
			ByteBuffer page = ByteBuffer.allocate(this.pageSize);
			int most = this.pageSize / 4 - 8;
			int count = 0;
			long leaf = next(trunk);
			for (; count < most && leaf <= this.pages; leaf = next(leaf)) {
				page.putInt(8 + 4 * count++, (int) leaf);
			}
			page.putInt(0, (leaf <= this.pages) ? (int) leaf : 0).putInt(4, count);
			this.file.write(page, (trunk - 1) * this.pageSize);
			free += count + 1;
			trunk = leaf;
		}
		if (this.file.size() < this.pages * this.pageSize) {
			this.file.write(ByteBuffer.allocate(1), this.pages * this.pageSize - 1);
		}
		ByteBuffer fields = ByteBuffer.allocate(12);
		fields.putInt((int) this.pages).putInt((int) first).putInt((int) free).flip();
		this.file.write(fields, SIZE_FIELD);
		if (FIRST_TRUNK_FIELD != SIZE_FIELD + Integer.BYTES) {
			throw new IllegalStateException("the three fields follow each other");
		}
	}

	private long next(long page) {
		return (page + 1 == this.lockPage) ? page + 2 : page + 1;
	}

	private void fill(long from) throws IOException {
		Random random = new Random(from);
		byte[] bytes = new byte[PIECE];
		for (long at = from; at < this.pages * this.pageSize; at += bytes.length) {
			BigBytes.fill(random, bytes);
			int length = (int) Math.min(bytes.length, this.pages * this.pageSize - at);
			this.file.write(ByteBuffer.wrap(bytes, 0, length), at);
		}
		// Nothing is ever written there
		if (this.lockPage <= this.pages) {
			this.file.write(ByteBuffer.allocate(this.pageSize), (this.lockPage - 1) * this.pageSize);
		}
	}

}
