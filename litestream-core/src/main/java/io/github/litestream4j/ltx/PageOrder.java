package io.github.litestream4j.ltx;

import org.jspecify.annotations.Nullable;

/**
 * The rules about which pages a file holds: ascending, none above the commit size, never
 * the lock page, and in a snapshot all of them.
 */
final class PageOrder {

	private final LtxHeader header;

	private final long lockPage;

	private long last;

	PageOrder(LtxHeader header) {
		this.header = header;
		this.lockPage = header.lockPage();
	}

	/**
	 * Go on to a page.
	 * @return what is wrong with it at this place, or null
	 */
	@Nullable String next(long page) {
		if (page == this.lockPage) {
			return "page " + page + " is the lock page, which no file holds";
		}
		if (page > this.header.commit()) {
			return "page " + page + " is above the database's size of " + this.header.commit() + " pages";
		}
		if (page <= this.last) {
			return "page " + page + " follows page " + this.last + ", but pages must ascend";
		}
		if (this.header.isSnapshot() && page != successor()) {
			return "page " + page + " stands where a snapshot must hold page " + successor();
		}
		this.last = page;
		return null;
	}

	/**
	 * End here.
	 * @return what is missing, or null
	 */
	@Nullable String end() {
		if (this.header.isSnapshot() && successor() <= this.header.commit()) {
			return "the snapshot ends before page " + successor() + " of " + this.header.commit();
		}
		return null;
	}

	private long successor() {
		long next = this.last + 1;
		return (next != this.lockPage) ? next : next + 1;
	}

}
