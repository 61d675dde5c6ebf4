package io.github.litestream4j.history;

import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * What a replica may let go of.
 *
 * @param steps what is to be deleted, one step after the other: each leaves a replica of
 * which every kept state can be restored
 * @param oldest the state that everything before goes for, 0 when nothing does
 * @param grounds the files for which others go: the base, and merged files. Each must be
 * what it should before anything goes
 * @param next when the next file may go though nothing new is stored, always later than
 * the plan; {@link Instant#MAX} for never
 */
record RetentionPlan(List<List<Deletion>> steps, Txid oldest, List<StoredFile> grounds, Instant next) {

	RetentionPlan {
		steps = steps.stream().filter((step) -> !step.isEmpty()).map(List::copyOf).toList();
		grounds = List.copyOf(grounds);
	}

	/**
	 * Decide what may go. The same files, times and settings give the same plan.
	 * @param files every file of the replica
	 * @param times of each file of level 9, as restores understand it
	 * @param settings how long what is kept
	 * @param now the time
	 * @return the plan, which {@link RetentionProof} has accepted
	 */
	static RetentionPlan of(Collection<StoredFile> files, Map<LtxKey, Instant> times, HistorySettings settings,
			Instant now) {
		return of(files, times, settings, now, Set.of());
	}

	/**
	 * Decide what may go where some files are damaged.
	 * @param files every file of the replica
	 * @param times of each file of level 9, as restores understand it
	 * @param settings how long what is kept
	 * @param now the time
	 * @param damaged those for which nothing goes
	 * @return the plan, which {@link RetentionProof} has accepted
	 */
	static RetentionPlan of(Collection<StoredFile> files, Map<LtxKey, Instant> times, HistorySettings settings,
			Instant now, Set<LtxKey> damaged) {
		return new RetentionRules(files, times, settings, now, damaged).plan();
	}

	/**
	 * How many files are to be deleted.
	 */
	int count() {
		return this.steps.stream().mapToInt(List::size).sum();
	}

	/**
	 * What would be left.
	 * @param files every file of the replica
	 * @return those that stay
	 */
	List<StoredFile> keptOf(Collection<StoredFile> files) {
		Set<LtxKey> gone = new HashSet<>();
		this.steps.forEach((step) -> step.forEach((deletion) -> gone.add(deletion.key())));
		return files.stream().filter((file) -> !gone.contains(file.key())).toList();
	}

	/**
	 * A file that may go.
	 *
	 * @param key the file
	 * @param reason why nobody needs it
	 */
	record Deletion(LtxKey key, String reason) {

	}

}
