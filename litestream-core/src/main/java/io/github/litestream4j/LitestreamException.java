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

}
