package io.github.litestream4j.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.FileChains;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * Proves, before anything is deleted, that what stays gives every state that it should.
 * It knows nothing of the rules. From the oldest kept state on
 * <ul>
 * <li>every file that stays, and to whose end the database could be restored, still
 * allows that;</li>
 * <li>the end of every file that goes can still be restored, or lies in a merged file
 * that leads across it from the state before: a time there means that state then, and
 * never one from before a hole;</li>
 * <li>the newest state, and the newest TXID that any file names, are the same.</li>
 * </ul>
 * Times ascend with the TXIDs, so that what is true of every end is true of every time.
 */
final class RetentionProof {

	private final List<StoredFile> files;

	private final Txid oldest;

	private final FileChains before;

	/**
	 * Look at a replica.
	 * @param files every file
	 * @param oldest the oldest state that must stay, 0 for all of them
	 */
	RetentionProof(Collection<StoredFile> files, Txid oldest) {
		this.files = files.stream().sorted(Comparator.comparing((file) -> file.key().name().max())).toList();
		this.oldest = oldest;
		this.before = new FileChains(files);
	}

	/**
	 * Refuse to go on when a state would be lost.
	 * @param kept what would stay
	 * @param url what messages call the replica
	 */
	void require(Collection<StoredFile> kept, String url) {
		harm(kept).ifPresent((harm) -> {
			throw new LitestreamException(
					"Nothing is deleted from %s: of its %d files %d would stay, and then %s %s. This is an error of ours: report it with a listing of the replica, and set litestream.retention.enabled=false meanwhile."
						.formatted(url, this.files.size(), kept.size(), harm.file().key(), harm.problem()));
		});
	}

	/**
	 * Look for a state that would be lost.
	 * @param kept what would stay
	 * @return the file that ends there
	 */
	Optional<Harm> harm(Collection<StoredFile> kept) {
		Set<LtxKey> keys = new HashSet<>();
		kept.forEach((file) -> keys.add(file.key()));
		FileChains after = new FileChains(kept);
		MergedRanges merged = new MergedRanges(kept);
		for (StoredFile file : this.files) {
			Txid end = file.key().name().max();
			if (end.isBefore(this.oldest) || after.reaches(end)) {
				continue;
			}
			if (keys.contains(file.key())) {
				if (this.before.reaches(end)) {
					return Optional.of(new Harm(file, "could not be restored to any more"));
				}
				continue;
			}
			// Also where it could not be restored before: its times would mean a state
			// from before the hole, without a word
			Optional<Txid> last = after.lastBefore(end).map((state) -> state.key().name().max());
			if (last.isEmpty() || !merged.goesOn(last.get(), end)) {
				return Optional
					.of(new Harm(file, "would go, and no merged file leads across it from the state before"));
			}
		}
		return newest(keys, after);
	}

	private Optional<Harm> newest(Set<LtxKey> kept, FileChains after) {
		if (this.files.isEmpty()) {
			return Optional.empty();
		}
		StoredFile named = this.files.get(this.files.size() - 1);
		Txid newest = named.key().name().max();
		if (this.files.stream()
			.noneMatch((file) -> file.key().name().max().equals(newest) && kept.contains(file.key()))) {
			return Optional.of(new Harm(named, "names the newest TXID, which no file would name any more"));
		}
		for (int i = this.files.size() - 1; i >= 0; i--) {
			Txid end = this.files.get(i).key().name().max();
			if (this.before.reaches(end)) {
				return after.reaches(end) ? Optional.empty() : Optional
					.of(new Harm(this.files.get(i), "is the newest state, and could not be restored to any more"));
			}
		}
		return Optional.empty();
	}

	/**
	 * A state that would be lost.
	 *
	 * @param file a file that ends there
	 * @param problem what would become of it, to follow the file's name
	 */
	record Harm(StoredFile file, String problem) {

	}

	/**
	 * How far merged files lead.
	 */
	private static final class MergedRanges {

		/** Ascending by their first TXID. */
		private final List<StoredFile> files;

		/** The largest last TXID of a file and all those before it. */
		private final List<Txid> reach = new ArrayList<>();

		MergedRanges(Collection<StoredFile> files) {
			this.files = files.stream()
				.filter(StoredShape::isMerged)
				.sorted(Comparator.comparing((file) -> file.key().name().min()))
				.toList();
			Txid reach = Txid.ZERO;
			for (StoredFile file : this.files) {
				reach = file.key().name().max().isAfter(reach) ? file.key().name().max() : reach;
				this.reach.add(reach);
			}
		}

		/**
		 * Whether one file has everything from after a state up to an end.
		 */
		boolean goesOn(Txid state, Txid end) {
			int low = 0;
			int high = this.files.size();
			while (low < high) {
				int middle = (low + high) >>> 1;
				if (this.files.get(middle).key().name().min().isAfter(state.next())) {
					high = middle;
				}
				else {
					low = middle + 1;
				}
			}
			return low > 0 && !this.reach.get(low - 1).isBefore(end);
		}

	}

}
