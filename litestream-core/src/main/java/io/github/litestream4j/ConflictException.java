package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * Another writer has stored something else at the place where this one belongs.
 */
public final class ConflictException extends LitestreamException {

	public ConflictException(String message) {
		super(message);
	}

	public ConflictException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
