package io.github.litestream4j.cli;

import java.time.Instant;
import java.util.List;

import io.github.litestream4j.history.AuditReport;
import org.jspecify.annotations.Nullable;

/**
 * What a replica's listings say of it, as JSON.
 *
 * @param sound whether nothing is wrong, but for notes
 * @param oldest the oldest state that can be restored, {@code null} when none can
 * @param newest the newest state that can be restored, {@code null} when none can
 * @param levels the levels that have a file
 * @param findings what is odd, worst first
 */
record AuditView(boolean sound, @Nullable Point oldest, @Nullable Point newest, List<Level> levels,
		List<Finding> findings) {

	static AuditView of(AuditReport report) {
		return new AuditView(report.isSound(), Point.of(report.oldest()), Point.of(report.newest()),
				report.levels().stream().map(Level::of).toList(), report.findings().stream().map(Finding::of).toList());
	}

	/**
	 * A state.
	 *
	 * @param txid 16 hex digits
	 * @param time when it was captured
	 */
	record Point(String txid, Instant time) {

		static @Nullable Point of(AuditReport.@Nullable Point point) {
			return (point != null) ? new Point(point.txid().toString(), point.time()) : null;
		}

	}

	/**
	 * A level.
	 *
	 * @param level 0 to 9
	 * @param files how many files it has
	 * @param bytes their sizes together
	 * @param minTxid the first transaction, 16 hex digits
	 * @param maxTxid the last transaction, 16 hex digits
	 * @param holes how often files are missing between two files
	 * @param overlaps how many files share a transaction with one before them
	 */
	record Level(int level, int files, long bytes, String minTxid, String maxTxid, int holes, int overlaps) {

		static Level of(AuditReport.Level level) {
			return new Level(level.level(), level.files(), level.bytes(), level.first().toString(),
					level.last().toString(), level.holes(), level.overlaps());
		}

	}

	/**
	 * Something odd.
	 *
	 * @param kind what it is
	 * @param note whether the replica is sound all the same
	 * @param level the level of the file that it is seen at
	 * @param file that file's name
	 * @param meaning what it means, to follow the file's name
	 */
	record Finding(String kind, boolean note, int level, String file, String meaning) {

		static Finding of(AuditReport.Finding finding) {
			return new Finding(finding.kind().id(), finding.kind().isNote(), finding.key().level(),
					finding.key().name().toString(), finding.meaning());
		}

	}

}
