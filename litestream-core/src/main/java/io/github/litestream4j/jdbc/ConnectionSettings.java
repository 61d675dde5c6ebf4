package io.github.litestream4j.jdbc;

import java.time.Duration;

/**
 * What each physical connection of the application is set to.
 *
 * @param busyTimeout how long it waits for a lock, at most 24 days
 * @param maxWalPages the size in pages that the WAL file is cut back to when it is begun
 * anew after it was larger
 */
public record ConnectionSettings(Duration busyTimeout, int maxWalPages) {

	public ConnectionSettings {
		if (busyTimeout.isNegative() || busyTimeout.toMillis() > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("busy-timeout must be between 0 and 24 days, but is " + busyTimeout);
		}
		if (maxWalPages < 1) {
			throw new IllegalArgumentException("checkpoint.max-pages must be at least 1, but is " + maxWalPages);
		}
	}

	int busyTimeoutMillis() {
		return (int) this.busyTimeout.toMillis();
	}

}
