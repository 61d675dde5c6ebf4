package io.github.litestream4j;

import org.jspecify.annotations.Nullable;

/**
 * Replication was stopped before it had done what was asked: worth another try after its
 * next start.
 */
public final class ReplicationStoppedException extends LitestreamException {

	public ReplicationStoppedException(String message) {
		super(message);
	}

	public ReplicationStoppedException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
