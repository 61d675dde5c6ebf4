package io.github.litestream4j.replication;

import io.github.litestream4j.LitestreamException;

/**
 * Pages of the database are not what was committed to them.
 */
final class DamagedDatabaseException extends LitestreamException {

	private static final long serialVersionUID = 1;

	DamagedDatabaseException(String message) {
		super(message);
	}

}
