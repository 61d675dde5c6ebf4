package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.replication.ReplicationObserver;

/**
 * Is told all that is done for one database: must return at once and must not throw.
 */
interface DatabaseObserver extends ReplicationObserver {

	/**
	 * Whether nobody looks at what it is told any more: the context that it belongs to
	 * may end before the databases of its parent do.
	 * @return whether it may be forgotten
	 */
	default boolean isOver() {
		return false;
	}

	/**
	 * Calls on the storage have ended.
	 * @param operation which, one of a few
	 * @param success whether they succeeded
	 * @param count how many
	 * @param bytesSent how many bytes of content they were to store
	 * @param bytesReceived how many bytes of content they have read
	 */
	void requests(String operation, boolean success, long count, long bytesSent, long bytesReceived);

}
