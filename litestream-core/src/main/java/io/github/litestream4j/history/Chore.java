package io.github.litestream4j.history;

import java.io.IOException;
import java.time.Instant;

import io.github.litestream4j.LitestreamException;

/**
 * Something that has to be done for one replica now and then. One thread at a time calls
 * its methods.
 */
public interface Chore {

	/**
	 * What messages and metrics call it.
	 * @return one word in lower case
	 */
	String name();

	/**
	 * When it is to be done next. Asks nobody: neither the storage nor the disk.
	 * @return the time, in the past when it is due, {@link Instant#MAX} when nothing is
	 * to be done until the {@link ReplicaIndex} changes
	 */
	Instant due();

	/**
	 * Whether it takes so long, and does so little meanwhile, that the chores of other
	 * databases are not to wait for it. Only a few such chores are done at once.
	 * @return {@code false} unless a chore says otherwise
	 */
	default boolean isLong() {
		return false;
	}

	/**
	 * Nothing may be done any more: whoever waits for it is told so.
	 * @param reason why
	 */
	default void refuse(LitestreamException reason) {
	}

	/**
	 * Do it. After a failure it is called again, later and later, until it succeeds.
	 * @throws IOException when a local file cannot be read or written
	 * @throws InterruptedException when the replicator stops; what was begun is given up
	 */
	void run() throws IOException, InterruptedException;

}
