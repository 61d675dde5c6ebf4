package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * The replica holds files, but no unbroken chain of them reaches the wanted TXID or time:
 * the message names the nearest points that can be reached.
 */
public final class UnreachablePointException extends LitestreamException {

	public UnreachablePointException(String message) {
		super(message);
	}

	public UnreachablePointException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
