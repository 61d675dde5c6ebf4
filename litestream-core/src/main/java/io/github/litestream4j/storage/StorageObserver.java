package io.github.litestream4j.storage;

/**
 * Is told of each call on a storage, on the thread that made it: must be quick and must
 * not throw.
 */
@FunctionalInterface
public interface StorageObserver {

	/**
	 * A call has ended; for a read, when its stream is closed.
	 * @param operation {@code list}, {@code list-meta}, {@code list-legacy},
	 * {@code timestamp}, {@code checksum}, {@code read}, {@code read-meta},
	 * {@code put-if-absent}, {@code put}, {@code put-meta} or {@code delete}
	 * @param success {@code false} when it threw; a key that is taken is a success
	 * @param bytesSent how many bytes of content were to be stored
	 * @param bytesReceived how many bytes of content were read
	 */
	void request(String operation, boolean success, long bytesSent, long bytesReceived);

}
