package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * The checksums of some pages, ascending by page number: sixteen bytes a page. What is
 * too much for memory goes into a temporary file. Not safe for use by several threads.
 */
final class PageSums implements AutoCloseable {

	/** How many pages are kept in memory. */
	static final int IN_MEMORY = 1 << 16;

	private static final int ENTRY = 2 * Long.BYTES;

	private static final int PIECE = 1 << 16;

	private final @Nullable ScratchFolder scratch;

	private long[] pages = new long[16];

	private long[] sums = new long[16];

	private int used;

	private long size;

	private @Nullable ScratchFile file;

	/** Begin with few pages in mind, all of which are kept in memory. */
	PageSums() {
		this(null);
	}

	/**
	 * Begin.
	 * @param scratch where temporary files are made, {@code null} to keep all in memory
	 */
	PageSums(@Nullable ScratchFolder scratch) {
		this.scratch = scratch;
	}

	/**
	 * Note a page.
	 * @param page its number, above those before
	 * @param bytes the page
	 */
	void add(long page, byte[] bytes) throws IOException {
		add(page, Crc64.pageChecksum(page, bytes, 0, bytes.length));
	}

	void add(long page, long sum) throws IOException {
		if (this.used == this.pages.length) {
			if (this.scratch != null && this.used >= IN_MEMORY) {
				spill(this.scratch);
			}
			else {
				this.pages = Arrays.copyOf(this.pages, this.used * 2);
				this.sums = Arrays.copyOf(this.sums, this.used * 2);
			}
		}
		this.pages[this.used] = page;
		this.sums[this.used] = sum;
		this.used++;
		this.size++;
	}

	private void spill(ScratchFolder scratch) throws IOException {
		ScratchFile target = this.file;
		if (target == null) {
			target = scratch.create();
			this.file = target;
		}
		ByteBuffer bytes = ByteBuffer.allocate(PIECE);
		for (int i = 0; i < this.used; i++) {
			bytes.putLong(this.pages[i]).putLong(this.sums[i]);
			if (!bytes.hasRemaining() || i + 1 == this.used) {
				target.append(bytes.flip());
				bytes.clear();
			}
		}
		this.used = 0;
	}

	/** How many pages there are. */
	long size() {
		return this.size;
	}

	/**
	 * Go through them, ascending.
	 */
	void forEach(Visitor visitor) throws IOException {
		ScratchFile source = this.file;
		if (source != null) {
			ByteBuffer bytes = ByteBuffer.allocate(PIECE);
			for (long at = 0; at < source.size(); at += bytes.limit()) {
				bytes.clear().limit((int) Math.min(PIECE, source.size() - at));
				source.read(bytes, at);
				bytes.flip();
				while (bytes.remaining() >= ENTRY) {
					visitor.page(bytes.getLong(), bytes.getLong());
				}
			}
		}
		for (int i = 0; i < this.used; i++) {
			visitor.page(this.pages[i], this.sums[i]);
		}
	}

	@Override
	public void close() throws IOException {
		ScratchFile open = this.file;
		if (open != null) {
			open.close();
		}
	}

	/**
	 * Takes the checksum of a page.
	 */
	@FunctionalInterface
	interface Visitor {

		void page(long number, long sum) throws IOException;

	}

}
