package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that are proven wrong: a stored file, a WAL or a database that is not what it
 * must be. Never reported for an I/O error.
 */
public final class CorruptDataException extends LitestreamException {

	public CorruptDataException(String message) {
		super(message);
	}

	public CorruptDataException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
