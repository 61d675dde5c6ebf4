package io.github.litestream4j.replication;

import io.github.litestream4j.LitestreamException;

/**
 * It cannot be proven that the WAL goes on from where it was captured: a new snapshot has
 * to begin the history anew.
 */
final class ContinuityLostException extends LitestreamException {

	private static final long serialVersionUID = 1;

	private final String reason;

	ContinuityLostException(String reason, String message) {
		super(message);
		this.reason = reason;
	}

	/**
	 * The reason in short, as generations record it.
	 */
	String reason() {
		return this.reason;
	}

}
