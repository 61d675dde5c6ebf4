package io.github.litestream4j.history;

import java.io.IOException;
import java.util.Optional;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.storage.Content;

/**
 * Copies of stored files that are still on this machine, so that they need not be fetched
 * to be merged. Safe for use by several threads.
 */
@FunctionalInterface
public interface LocalFiles {

	/**
	 * The copy of a file of level 0. It may be damaged, and may be gone when it is
	 * opened.
	 * @param name the file's name
	 * @return its bytes, empty when there is no copy
	 * @throws IOException when that cannot be told
	 */
	Optional<Content> find(LtxFileName name) throws IOException;

}
