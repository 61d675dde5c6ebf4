package io.github.litestream4j.replication;

import java.util.List;

import io.github.litestream4j.LitestreamException;

import org.jspecify.annotations.Nullable;

/**
 * Closes one thing after the other, whatever fails.
 */
final class Closing {

	private Closing() {
	}

	/**
	 * Close all, after a failure.
	 * @param failure is given what else fails
	 * @param all what to close, {@code null} where it was not opened
	 */
	static void after(LitestreamException failure, @Nullable AutoCloseable... all) {
		for (AutoCloseable one : all) {
			try {
				if (one != null) {
					one.close();
				}
			}
			catch (Exception ex) {
				failure.addSuppressed(ex);
			}
		}
	}

	/**
	 * Close all.
	 * @param failure thrown when any could not be closed, with the first reason as its
	 * cause
	 * @param all what to close, in order
	 */
	static void all(LitestreamException failure, List<AutoCloseable> all) {
		after(failure, all.toArray(AutoCloseable[]::new));
		if (failure.getSuppressed().length > 0) {
			failure.initCause(failure.getSuppressed()[0]);
			throw failure;
		}
	}

}
