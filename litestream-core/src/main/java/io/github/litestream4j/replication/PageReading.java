package io.github.litestream4j.replication;

import java.io.IOException;

import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.scratch.ScratchFolder;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through all pages of a pinned database once, sums them up, and learns the checksum
 * of each where those are not known.
 */
final class PageReading {

	private static final Logger logger = LoggerFactory.getLogger(PageReading.class);

	private static final int AT_ONCE = 4096;

	private final PinnedPages pages;

	private final @Nullable PageChecksums learning;

	private PageSums batch = new PageSums();

	private long sum;

	/**
	 * Prepare a reading.
	 * @param pages the pages
	 * @param learning told of each page's checksum, after its {@code beginReading} at the
	 * pages' position; {@code null} when it knows them
	 */
	PageReading(PinnedPages pages, @Nullable PageChecksums learning) {
		this.pages = pages;
		this.learning = learning;
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
	 */
	long read(Visitor visitor) throws IOException {
		this.sum = 0;
		this.batch = new PageSums();
		this.pages.forEach((number, page) -> {
			long checksum = Crc64.pageChecksum(number, page, 0, page.length);
			this.sum ^= checksum;
			learn(number, checksum);
			visitor.page(number, page, checksum);
		});
		long total = this.sum | PageChecksums.FLAG;
		long captured = position().checksum();
		if (captured != 0 && captured != total) {
			// Pages that nothing uses may differ: one that grew the database unwritten
			logger.warn(
					"{} at {}: its pages have the checksum {}, what was captured up to there has {}. Was the file changed by something that is no transaction? PRAGMA integrity_check tells",
					this.pages.database().file(), position().txid(), Long.toHexString(total),
					Long.toHexString(captured));
		}
		if (this.learning != null) {
			this.learning.read(this.batch);
			this.learning.endReading();
		}
		return total;
	}

	private void learn(long number, long checksum) throws IOException {
		if (this.learning == null) {
			return;
		}
		this.batch.add(number, checksum);
		if (this.batch.size() == AT_ONCE) {
			this.learning.read(this.batch);
			this.batch = new PageSums();
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
