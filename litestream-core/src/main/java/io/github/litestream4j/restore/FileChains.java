package io.github.litestream4j.restore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Every state that some unbroken chain of files makes, with its cheapest chain.
 * <p>
 * A file leads from each state from just before its first transaction on to the state of
 * its last one. So chains are paths, and one pass over the files in the order of their
 * ends finds the cheapest path to every end: taking the longest step each time reaches
 * the same states, with more bytes. Where a snapshot ends, the path begins with it. The
 * result depends on the set of files, not on their order.
 */
public final class FileChains {

	/**
	 * What opening one more file costs, expressed in bytes: about what a store delivers
	 * on one stream while it answers a request.
	 */
	private static final long FILE_COST = 256 * 1024;

	// of files that cost the same the one of the highest level, which lives longest
	private static final Comparator<StoredFile> ORDER = Comparator
		.comparing((StoredFile file) -> file.key().name().max())
		.thenComparing((file) -> file.key().name().min())
		.thenComparing((file) -> file.key().level(), Comparator.reverseOrder())
		.thenComparing(StoredFile::size);

	private final List<End> ends = new ArrayList<>();

	/**
	 * Find every state.
	 * @param files all files of a replica, in any order
	 */
	public FileChains(Collection<StoredFile> files) {
		// ends that no later end is as cheap as: their costs ascend
		List<End> cheapest = new ArrayList<>();
		@Nullable End best = null;
		for (StoredFile file : files.stream().sorted(ORDER).toList()) {
			if (best != null && !best.txid().equals(file.key().name().max())) {
				add(best, cheapest);
				best = null;
			}
			End end = reach(file, cheapest);
			if (end != null && (best == null || isBetter(end, best))) {
				best = end;
			}
		}
		if (best != null) {
			add(best, cheapest);
		}
	}

	/**
	 * A snapshot says itself what its state is, whatever it costs: a history that begins
	 * anew with it goes on with that. Where another writer came too late to be shut out
	 * before, there may be a file of level 0 beside it that leads on from the old
	 * history.
	 */
	private static boolean isBetter(End end, End best) {
		if (isSnapshot(end) != isSnapshot(best)) {
			return isSnapshot(end);
		}
		return end.cost() < best.cost();
	}

	private static boolean isSnapshot(End end) {
		return end.file().key().level() == LtxKey.SNAPSHOT_LEVEL;
	}

	private void add(End end, List<End> cheapest) {
		this.ends.add(end);
		while (!cheapest.isEmpty() && cheapest.get(cheapest.size() - 1).cost() >= end.cost()) {
			cheapest.remove(cheapest.size() - 1);
		}
		cheapest.add(end);
	}

	private static @Nullable End reach(StoredFile file, List<End> cheapest) {
		long cost = file.size() + FILE_COST;
		if (file.key().name().isSnapshot()) {
			return new End(file.key().name().max(), cost, file, null);
		}
		Txid before = new Txid(file.key().name().min().value() - 1);
		int index = indexAtOrAfter(cheapest, before);
		if (index == cheapest.size()) {
			return null;
		}
		End previous = cheapest.get(index);
		return new End(file.key().name().max(), previous.cost() + cost, file, previous);
	}

	private static int indexAtOrAfter(List<End> ends, Txid txid) {
		int low = 0;
		int high = ends.size();
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (ends.get(middle).txid().isBefore(txid)) {
				low = middle + 1;
			}
			else {
				high = middle;
			}
		}
		return low;
	}

	/**
	 * The cheapest chain to a state.
	 * @param txid the state
	 * @return the files, empty when no chain ends there
	 */
	Optional<RestorePlan> to(Txid txid) {
		int index = indexAtOrAfter(this.ends, txid);
		if (index == this.ends.size() || !this.ends.get(index).txid().equals(txid)) {
			return Optional.empty();
		}
		List<StoredFile> files = new ArrayList<>();
		for (End end = this.ends.get(index); end != null; end = end.previous()) {
			files.add(end.file());
		}
		Collections.reverse(files);
		return Optional.of(new RestorePlan(files));
	}

	/**
	 * Whether some chain ends at a state.
	 * @param txid the state
	 * @return whether it can be restored
	 */
	public boolean reaches(Txid txid) {
		return firstFrom(txid).filter((file) -> file.key().name().max().equals(txid)).isPresent();
	}

	/**
	 * The newest state before a TXID.
	 * @param txid the TXID
	 * @return the file that ends there, empty when there is none
	 */
	public Optional<StoredFile> lastBefore(Txid txid) {
		int index = indexAtOrAfter(this.ends, txid);
		return (index > 0) ? Optional.of(this.ends.get(index - 1).file()) : Optional.empty();
	}

	/**
	 * The oldest state that is not before a TXID.
	 * @param txid the TXID
	 * @return the file that ends there, empty when there is none
	 */
	public Optional<StoredFile> firstFrom(Txid txid) {
		int index = indexAtOrAfter(this.ends, txid);
		return (index < this.ends.size()) ? Optional.of(this.ends.get(index).file()) : Optional.empty();
	}

	/**
	 * A state and the cheapest way to it.
	 *
	 * @param txid the state
	 * @param cost what all files up to here cost
	 * @param file the last file
	 * @param previous the state that the file is applied to; {@code null} for a snapshot
	 */
	private record End(Txid txid, long cost, StoredFile file, @Nullable End previous) {

	}

}
