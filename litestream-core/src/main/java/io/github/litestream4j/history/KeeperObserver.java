package io.github.litestream4j.history;

/**
 * Is told how a replica's chores go. Called by the keeper's thread; returns at once.
 */
public interface KeeperObserver {

	/**
	 * A chore failed, and is tried again.
	 * @param chore its name
	 * @param message what failed
	 */
	void failed(String chore, String message);

	/**
	 * A chore succeeded.
	 * @param chore its name
	 * @param nanos how long it took
	 */
	void done(String chore, long nanos);

	/**
	 * Whether anything may be stored or deleted.
	 * @return {@code false} when another writer has taken the replica over
	 */
	boolean mayWork();

}
