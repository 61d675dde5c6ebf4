package io.github.litestream4j.autoconfigure;

/**
 * Opens the engine on one database.
 */
@FunctionalInterface
interface SessionOpener {

	/**
	 * Lock the database, restore it when its file is missing, and open it.
	 * @param plan what and how
	 * @param observed is told what is done
	 * @return the session
	 */
	OpenSession open(DatabasePlan plan, ObservedDatabase observed);

}
