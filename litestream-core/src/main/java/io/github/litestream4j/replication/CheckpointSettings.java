package io.github.litestream4j.replication;

import java.time.Duration;

/**
 * When the WAL is copied back into the database file.
 *
 * @param minPages from how many live frames on, at least 1
 * @param interval after what time, when there are any live frames at all
 * @param maxPages the size in pages that the WAL file is cut back to after it was larger
 */
public record CheckpointSettings(int minPages, Duration interval, int maxPages) {

	/** What the properties default to. */
	public static final CheckpointSettings DEFAULT = new CheckpointSettings(1000, Duration.ofMinutes(1), 121359);

	public CheckpointSettings {
		if (minPages < 1 || maxPages < minPages) {
			throw new IllegalArgumentException(
					"checkpoint.min-pages must be at least 1 and checkpoint.max-pages not below it, but they are "
							+ minPages + " and " + maxPages);
		}
		if (interval.isNegative() || interval.isZero()) {
			throw new IllegalArgumentException("checkpoint.interval must be above 0, but is " + interval);
		}
	}

}
