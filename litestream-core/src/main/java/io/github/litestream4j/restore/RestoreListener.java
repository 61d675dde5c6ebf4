package io.github.litestream4j.restore;

/**
 * Is told how far a restore has come, on the thread that restores: must be quick and must
 * not throw.
 */
@FunctionalInterface
public interface RestoreListener {

	/**
	 * Some more was read. Called at most five times a second, and once at the end.
	 * @param status how far it is
	 */
	void progress(RestoreStatus status);

}
