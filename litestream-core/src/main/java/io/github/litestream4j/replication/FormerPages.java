package io.github.litestream4j.replication;

import java.io.IOException;

/**
 * What is known of the pages as they were at a position that was lost, to be compared in
 * ascending order. Not safe for use by several threads.
 */
interface FormerPages extends AutoCloseable {

	/**
	 * Whether a page is known to have another checksum now than it had.
	 * @param page its number, not below the one before
	 * @param checksum what it has now
	 */
	boolean differs(long page, long checksum) throws IOException;

	/**
	 * All pages were compared.
	 * @param total the database's checksum now
	 * @throws ContinuityLostException when something differs that no page was told for
	 */
	void end(long total);

	@Override
	void close() throws IOException;

}
