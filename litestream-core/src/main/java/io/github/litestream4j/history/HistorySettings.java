package io.github.litestream4j.history;

import java.time.Duration;
import java.util.List;

/**
 * How long a replica's history is kept, and how fine.
 *
 * @param levels how often files are merged into level 1, 2 and so on, ascending; at most
 * 8, and none for no merging
 * @param level0Retention how long a file of level 0 is kept after it was merged; at least
 * {@link #LEAST_LEVEL0_AGE} in any case
 * @param snapshotInterval how often a snapshot is taken, 0 for never
 * @param snapshotRetention how far back the database can be restored
 * @param retention whether anything is deleted from the replica
 * @param dryRun whether what would be deleted is logged instead
 * @param verificationInterval how often the replica is restored aside to prove itself, 0
 * for never
 */
public record HistorySettings(List<Duration> levels, Duration level0Retention, Duration snapshotInterval,
		Duration snapshotRetention, boolean retention, boolean dryRun, Duration verificationInterval) {

	/** The defaults of the properties. */
	public static final HistorySettings DEFAULT = new HistorySettings(
			List.of(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1)), Duration.ofMinutes(5),
			Duration.ofHours(24), Duration.ofHours(24), true, false, Duration.ofHours(24));

	/**
	 * No file of level 0 is deleted that is younger, whatever the setting. Another
	 * writer, of another setting, may have been away since before it was stored, and must
	 * find that its key is taken.
	 */
	public static final Duration LEAST_LEVEL0_AGE = Duration.ofSeconds(10);

	/** Level 9 is for snapshots. */
	private static final int MAX_LEVELS = 8;

	public HistorySettings {
		levels = List.copyOf(levels);
		require(levels.size() <= MAX_LEVELS,
				"compaction.levels must be at most " + MAX_LEVELS + ", but there are " + levels.size());
		Duration former = Duration.ZERO;
		for (Duration level : levels) {
			require(level.compareTo(former) > 0, "compaction.levels must be positive and ascend, but are " + levels);
			former = level;
		}
		require(isPositive(level0Retention), "level0-retention must be positive, but is " + level0Retention);
		require(!snapshotInterval.isNegative(), "snapshot.interval must not be negative, but is " + snapshotInterval);
		require(isPositive(snapshotRetention), "snapshot.retention must be positive, but is " + snapshotRetention);
		require(!verificationInterval.isNegative(),
				"verification.interval must not be negative, but is " + verificationInterval);
	}

	private static boolean isPositive(Duration duration) {
		return duration.compareTo(Duration.ZERO) > 0;
	}

	private static void require(boolean condition, String problem) {
		if (!condition) {
			throw new IllegalArgumentException(problem);
		}
	}

}
