package io.github.litestream4j.autoconfigure;

/**
 * Opens the engine on one database.
 */
@FunctionalInterface
interface SessionOpener {

	/**
	 * Lock the database, restore it when its file is missing, and open it.
	 * @param plan what and how
	 * @return the session
	 */
	OpenSession open(DatabasePlan plan);

}
