package io.github.litestream4j.history;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;

import org.jspecify.annotations.Nullable;

/**
 * What the listings of a replica say of it.
 *
 * @param replica its URL
 * @param levels the levels that have a file, ascending
 * @param named the newest TXID that any file names, 0 when there is none
 * @param newest the newest state that can be restored, {@code null} when none can
 * @param oldest the oldest state that can be restored, {@code null} when none can
 * @param findings what is odd, worst first
 */
public record AuditReport(String replica, List<Level> levels, Txid named, @Nullable Point newest,
		@Nullable Point oldest, List<Finding> findings) {

	public AuditReport {
		levels = List.copyOf(levels);
		findings = List.copyOf(findings);
	}

	/**
	 * Whether every state from the oldest to the newest can be restored, as finely as the
	 * replica is meant to tell them apart.
	 * @return {@code false} when a finding is more than a note
	 */
	public boolean isSound() {
		return this.findings.stream().allMatch((finding) -> finding.kind().isNote());
	}

	/**
	 * A state that can be restored.
	 *
	 * @param txid its TXID
	 * @param time when it was captured
	 */
	public record Point(Txid txid, Instant time) {

	}

	/**
	 * A level.
	 *
	 * @param level 0 to 9
	 * @param files how many files it has
	 * @param bytes their sizes together
	 * @param first the first TXID that it names
	 * @param last the last one
	 * @param holes how often files are missing between two files
	 * @param overlaps how many files share a TXID with one before them; always 0 for
	 * snapshots
	 */
	public record Level(int level, int files, long bytes, Txid first, Txid last, int holes, int overlaps) {

	}

	/**
	 * Something odd.
	 *
	 * @param kind what it is
	 * @param key the file that it is seen at
	 * @param meaning what it means, to follow the file's name
	 */
	public record Finding(Kind kind, LtxKey key, String meaning) {

		@Override
		public String toString() {
			return this.key + " " + this.meaning;
		}

	}

	/**
	 * The kinds of findings, worst first.
	 */
	public enum Kind {

		/** No state can be restored. */
		NO_SNAPSHOT(false),

		/** Too few bytes for an LTX file. */
		TOO_SMALL(false),

		/** In level 9, and nothing that a restore can begin with. */
		NOT_A_SNAPSHOT(false),

		/** Newer than the oldest state, and no chain leads there. */
		UNREACHABLE(false),

		/** Files are missing between two files of a level. */
		HOLE(false),

		/** Two files of a level share a TXID. */
		OVERLAP(false),

		/** Before the oldest state that can be restored. */
		LEFT_OVER(false),

		/** Files of level 0 are gone, and a merged file has what they held. */
		MERGED(true),

		/** A merged level begins later than the history. */
		LATE(true);

		private final boolean note;

		Kind(boolean note) {
			this.note = note;
		}

		/**
		 * Whether it costs at most how finely states can be told apart, and may come from
		 * a pass of retention that was cut short.
		 * @return {@code true} when the replica is sound all the same
		 */
		public boolean isNote() {
			return this.note;
		}

		/**
		 * The name for messages.
		 * @return in lower case, with hyphens
		 */
		public String id() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

}
