package io.github.litestream4j.restore;

import io.github.litestream4j.restore.legacy.LegacyTakeover;

/**
 * Is told how far a restore has come, on the thread that restores.
 */
@FunctionalInterface
public interface RestoreListener {

	/**
	 * Some more was read. Called at most five times a second, and once at the end. Must
	 * be quick and must not throw.
	 * @param status how far it is
	 */
	void progress(RestoreStatus status);

	/**
	 * A database was restored from files of Litestream 0.3, and appears when this
	 * returns; when it throws, it does not appear. Whoever goes on with its history in
	 * the same replica stores the note here: stored later, a kill in between would lose
	 * it for ever, since the next start finds the database.
	 * @param takeover what is to be stored
	 */
	default void takesOver(LegacyTakeover takeover) {
	}

}
