package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;

/**
 * One of the files that a merge reads.
 */
interface MergeInput {

	/**
	 * What messages call it.
	 */
	String name();

	/**
	 * The transactions that it holds.
	 */
	LtxFileName range();

	/**
	 * Open it from its start.
	 * @return the whole file, to be closed by the caller
	 * @throws DamagedInputException when it is not there any more, or is cut
	 * @throws IOException when it cannot be read
	 */
	InputStream open() throws IOException;

	/**
	 * Whether it was last opened from a copy that somebody else has, too: then an error
	 * of the disk is no reason to go without it.
	 */
	default boolean isCopy() {
		return false;
	}

	/**
	 * The smallest size that the database had after any of its transactions, as far as
	 * files tell: what was above it before is gone.
	 * @param header the file's header
	 * @return in pages
	 */
	default long lowestCommit(LtxHeader header) {
		return header.commit();
	}

}
