package io.github.litestream4j.torture;

import org.jspecify.annotations.Nullable;

/**
 * Something is not as it must be: the run ends with it.
 */
final class Violation extends RuntimeException {

	private static final long serialVersionUID = 1;

	Violation(String message) {
		this(message, null);
	}

	Violation(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
