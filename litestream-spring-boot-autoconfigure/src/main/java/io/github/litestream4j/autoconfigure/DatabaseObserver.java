package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.replication.ReplicationObserver;

/**
 * Is told all that is done for one database: must return at once and must not throw.
 */
interface DatabaseObserver extends ReplicationObserver {

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
