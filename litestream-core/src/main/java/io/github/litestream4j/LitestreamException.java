package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * Root of every error that the engine reports. A message names the file or key, what was
 * expected, what was found, and what to do.
 */
public class LitestreamException extends RuntimeException {

	public LitestreamException(String message) {
		super(message);
	}

	public LitestreamException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/**
	 * A failure of the same kind as its cause, for whoever has to tell the kinds apart.
	 * @param message what failed
	 * @param cause why; whatever is no failure of ours is of no kind
	 * @return the failure, of one's own for each who waits
	 */
	public static LitestreamException ofKindOf(@Nullable Throwable cause, String message) {
		if (cause instanceof ConflictException) {
			return new ConflictException(message, cause);
		}
		if (cause instanceof CorruptDataException) {
			return new CorruptDataException(message, cause);
		}
		if (cause instanceof StorageUnavailableException) {
			return new StorageUnavailableException(message, cause);
		}
		if (cause instanceof ReplicationStoppedException) {
			return new ReplicationStoppedException(message, cause);
		}
		return new LitestreamException(message, cause);
	}

}
