package io.github.litestream4j.replication;

import java.io.IOException;

import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;

/**
 * Goes through all pages of a pinned database once, sums them up, and compares each with
 * what is known of it, or learns it where nothing is known.
 */
final class PageReading {

	private static final int LEARNED_AT_ONCE = 4096;

	private static final int SLICE = 1 << 20;

	private final PinnedPages pages;

	private final PageChecksums checksums;

	private final boolean learning;

	private final int atOnce;

	private PageSums batch = new PageSums();

	private long sum;

	/** How many pages are damaged. */
	private long damaged;

	/** What is wrong with the first of them. */
	private @Nullable String damage;

	private long sliceStart;

	private PageReading(PinnedPages pages, PageChecksums checksums, boolean learning) {
		this.pages = pages;
		this.checksums = checksums;
		this.learning = learning;
		this.atOnce = learning ? LEARNED_AT_ONCE : Math.max(1, SLICE / pages.position().pageSize());
	}

	/**
	 * Prepare a reading. To be called at the pages' position: what is captured later is
	 * passed over.
	 * @param pages the pages
	 * @param checksums what is known of them, or learns it
	 * @return the reading
	 */
	static PageReading of(PinnedPages pages, PageChecksums checksums) {
		boolean known = checksums.total().isPresent();
		if (known) {
			checksums.beginComparing();
		}
		else {
			checksums.beginReading(pages.position().commit());
		}
		return new PageReading(pages, checksums, !known);
	}

	CapturePosition position() {
		return this.pages.position();
	}

	/** Where is kept what is too much for memory. */
	ScratchFolder scratch() {
		return this.pages.scratch();
	}

	/**
	 * Read all pages.
	 * @param visitor what else is done with each
	 * @return the database's checksum at the position
	 * @throws DamagedDatabaseException at the end, when a page is not what was committed
	 * to it
	 */
	long read(Visitor visitor) throws IOException {
		return read(visitor, Pace.FULL);
	}

	/**
	 * Read all pages at a pace.
	 * @param visitor what else is done with each
	 * @param pace told of each slice
	 * @return the database's checksum at the position
	 */
	long read(Visitor visitor, Pace pace) throws IOException {
		this.sum = 0;
		this.damaged = 0;
		this.batch = new PageSums();
		this.sliceStart = System.nanoTime();
		this.pages.forEach((number, page) -> {
			long checksum = Crc64.pageChecksum(number, page, 0, page.length);
			this.sum ^= checksum;
			visitor.page(number, page, checksum);
			this.batch.add(number, checksum);
			if (this.batch.size() == this.atOnce) {
				endBatch();
				pace.slice(System.nanoTime() - this.sliceStart);
				this.sliceStart = System.nanoTime();
			}
		});
		endBatch();
		long total = this.sum | PageChecksums.FLAG;
		requireUndamaged(total);
		this.checksums.endReading();
		return total;
	}

	private void endBatch() throws IOException {
		if (this.learning) {
			this.checksums.read(this.batch);
		}
		else {
			this.checksums.compare(this.batch, this::damaged);
		}
		this.batch = new PageSums();
	}

	private void damaged(long page, long expected, long found) {
		this.damaged++;
		if (this.damaged == 1) {
			this.damage = "page %d (at offset %d) has the checksum %016x, expected %016x".formatted(page,
					(page - 1) * position().pageSize(), found, expected);
		}
	}

	private void requireUndamaged(long total) {
		long captured = position().checksum();
		if (this.damaged == 0 && captured != 0 && captured != total) {
			this.damaged = 1;
			this.damage = "its pages have the checksum %016x together, expected %016x, and which of them differ is not known"
				.formatted(total, captured);
		}
		if (this.damaged > 0) {
			throw new DamagedDatabaseException(
					"%s is not what was captured up to TXID %s: %s%s. Something that is no transaction has changed the file"
						.formatted(this.pages.database().file(), position().txid(), this.damage,
								(this.damaged > 1) ? "; %d pages in all".formatted(this.damaged) : ""));
		}
	}

	/**
	 * Takes a page and its checksum.
	 */
	@FunctionalInterface
	interface Visitor {

		void page(long number, byte[] page, long checksum) throws IOException;

	}

}
