package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * A file that was listed or planned for is not in the storage.
 */
public final class MissingFileException extends LitestreamException {

	public MissingFileException(String message) {
		super(message);
	}

	public MissingFileException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
