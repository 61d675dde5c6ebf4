package io.github.litestream4j.wal;

import java.io.IOException;

/**
 * The pages that one or more committed transactions wrote: of each its newest image,
 * ascending by page number. Pages beyond the database's size after the last of them are
 * left out, since a database that shrank has them no more. Memory does not grow with the
 * number of pages when it was read with a folder for temporary files. Not safe for use by
 * several threads.
 */
public final class WalBatch implements AutoCloseable {

	private final WalPosition start;

	private final WalPosition end;

	private final long commit;

	private final int pageSize;

	private final FrameTable table;

	private final Frames frames;

	WalBatch(WalPosition start, WalPosition end, long commit, int pageSize, FrameTable table, Frames frames) {
		this.start = start;
		this.end = end;
		this.commit = commit;
		this.pageSize = pageSize;
		this.table = table;
		this.frames = frames;
	}

	/**
	 * Where the first transaction begins.
	 * @return the end of the commit before
	 */
	public WalPosition start() {
		return this.start;
	}

	/**
	 * Where the last transaction ends.
	 * @return the end of its commit
	 */
	public WalPosition end() {
		return this.end;
	}

	/**
	 * The database's size after the last transaction.
	 * @return in pages
	 */
	public long commit() {
		return this.commit;
	}

	public int pageSize() {
		return this.pageSize;
	}

	/**
	 * Go through the pages.
	 * @return stands before the first one
	 * @throws IOException when a temporary file cannot be read
	 */
	public Pages pages() throws IOException {
		return new Pages(this.table.cursor(this.commit), this.frames);
	}

	/**
	 * Delete the temporary files.
	 * @throws IOException when that fails
	 */
	@Override
	public void close() throws IOException {
		this.table.close();
	}

	/**
	 * Goes through the pages, ascending.
	 */
	public static final class Pages {

		private final FrameTable.Cursor cursor;

		private final Frames frames;

		private Pages(FrameTable.Cursor cursor, Frames frames) {
			this.cursor = cursor;
			this.frames = frames;
		}

		/**
		 * Go on to the next page.
		 * @return {@code false} when there is none
		 * @throws IOException when a temporary file cannot be read
		 */
		public boolean next() throws IOException {
			return this.cursor.next();
		}

		/**
		 * The number of the page.
		 * @return from 1
		 */
		public long number() {
			return this.cursor.page();
		}

		/**
		 * Read the page's newest image.
		 * @param into where it is put, a page long
		 * @throws IOException when the WAL cannot be read
		 */
		public void read(byte[] into) throws IOException {
			this.frames.page(this.cursor.frame(), into);
		}

	}

	/**
	 * Where the frames' pages come from.
	 */
	interface Frames {

		void page(int frame, byte[] into) throws IOException;

	}

}
