package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * The storage did not do what was asked, and may do so later: worth another try.
 */
public final class StorageUnavailableException extends LitestreamException {

	public StorageUnavailableException(String message) {
		super(message);
	}

	public StorageUnavailableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
