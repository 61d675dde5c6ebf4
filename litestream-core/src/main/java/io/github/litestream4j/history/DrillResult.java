package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;

/**
 * What a restore drill found. A drill that could not be run has none.
 *
 * @param at when it began
 * @param txid the state that it restored, or was to restore; 0 when the replica names
 * none
 * @param passed whether all was as it must be
 * @param failure what was not, and what to do; {@code null} when it passed
 * @param harmed of which state, or a later one, a sound snapshot makes up for what is
 * wrong with the replica; {@code null} when it passed, or when what is wrong is not the
 * replica
 * @param took how long it took
 * @param bytes how many bytes it read from the storage
 * @param pages the restored database's size in pages, 0 when none was restored
 */
public record DrillResult(Instant at, Txid txid, boolean passed, @Nullable String failure, @Nullable Txid harmed,
		Duration took, long bytes, long pages) {

	public DrillResult {
		if (passed != (failure == null)) {
			throw new IllegalArgumentException("a drill has failed exactly when something is wrong, not with '"
					+ failure + "' and passed=" + passed);
		}
	}

	/**
	 * The same drill, with something else that is wrong.
	 * @param problem what it is, and what to do
	 * @return a failed one
	 */
	DrillResult failedToo(String problem) {
		String all = (this.failure != null) ? this.failure + " " + problem : problem;
		// Whatever is damaged, the replica may be all that is left, and a snapshot of
		// that
		// state may be made of it
		Txid later = this.txid.next();
		Txid doubted = (this.harmed != null && this.harmed.isAfter(later)) ? this.harmed : later;
		return new DrillResult(this.at, this.txid, false, all, doubted, this.took, this.bytes, this.pages);
	}

}
