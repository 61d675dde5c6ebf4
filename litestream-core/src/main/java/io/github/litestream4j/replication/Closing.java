package io.github.litestream4j.replication;

import java.util.List;

import io.github.litestream4j.LitestreamException;

/**
 * Closes one thing after the other, whatever fails.
 */
final class Closing {

	private Closing() {
	}

	/**
	 * Close one, after a failure.
	 * @param failure is given what else fails
	 * @param one what to close
	 */
	static void after(LitestreamException failure, AutoCloseable one) {
		try {
			one.close();
		}
		catch (Exception ex) {
			failure.addSuppressed(ex);
		}
	}

	/**
	 * Close all.
	 * @param failure thrown when any could not be closed, with the first reason as its
	 * cause
	 * @param all what to close, in order
	 */
	static void all(LitestreamException failure, List<AutoCloseable> all) {
		all.forEach((one) -> after(failure, one));
		if (failure.getSuppressed().length > 0) {
			failure.initCause(failure.getSuppressed()[0]);
			throw failure;
		}
	}

}
