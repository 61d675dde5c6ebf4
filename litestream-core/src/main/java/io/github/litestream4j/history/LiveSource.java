package io.github.litestream4j.history;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;

/**
 * Gives the state of a live database, once it is stored.
 */
@FunctionalInterface
public interface LiveSource {

	/**
	 * Read the live database, and wait until the replica has that state. Commits go on
	 * meanwhile.
	 * @return the state
	 * @throws CorruptDataException when the live database itself is damaged
	 * @throws LitestreamException when it could not be read, or was not stored in time
	 * @throws InterruptedException when the replicator stops
	 */
	LiveState get() throws InterruptedException;

}
