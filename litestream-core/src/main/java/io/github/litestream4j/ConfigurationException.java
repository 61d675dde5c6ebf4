package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * A setting that cannot be honoured: the message says what to change.
 */
public final class ConfigurationException extends LitestreamException {

	public ConfigurationException(String message) {
		super(message);
	}

	public ConfigurationException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
