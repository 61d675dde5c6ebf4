package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import io.github.litestream4j.history.RetentionPlan.Deletion;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * The rules by which a replica lets go of files.
 * <ul>
 * <li>The <b>base</b> is the newest snapshot from before the window, which is as long as
 * snapshots are kept and, for restores under way, as level 0 is kept. Everything that
 * ends at it or before it goes. Before there is a base nothing does.</li>
 * <li>Files of level 0 that a merged file holds all together go when they and the merged
 * file are old enough, all of them or none: a part of them would leave states without the
 * ones that they stand on. A restore that was planned with them has that long to read
 * them, and is planned anew afterwards.</li>
 * <li>For a file that is damaged nothing goes: it is no base, and replaces nothing.</li>
 * <li>The newest file of level 0 stays: the next writer finds the end of the log there.
 * So does what is younger than {@link HistorySettings#LEAST_LEVEL0_AGE}: a writer that
 * was away for so long looks there before it believes that a key is free.</li>
 * </ul>
 * Ages are told by when the storage says that a file was written: on S3 when it was
 * stored, in a folder when its newest transaction was captured, which is earlier.
 */
final class RetentionRules {

	private static final Comparator<StoredFile> ORDER = Comparator
		.comparing((StoredFile file) -> !file.key().name().isSnapshot())
		.thenComparing((file) -> file.key().level())
		.thenComparing((file) -> file.key().name());

	private final List<StoredFile> files;

	private final List<StoredFile> level0;

	private final Map<LtxKey, Instant> times;

	private final Instant now;

	private final Duration window;

	private final Duration level0Retention;

	private final Txid newestOfLevel0;

	private final Set<LtxKey> damaged;

	private final Set<LtxKey> gone = new HashSet<>();

	private @Nullable StoredFile base;

	private Instant next = Instant.MAX;

	RetentionRules(Collection<StoredFile> files, Map<LtxKey, Instant> times, HistorySettings settings, Instant now,
			Set<LtxKey> damaged) {
		this.damaged = damaged;
		this.files = files.stream().sorted(ORDER).toList();
		this.level0 = this.files.stream()
			.filter((file) -> file.key().level() == 0)
			.sorted(Comparator.comparing((file) -> file.key().name()))
			.toList();
		this.times = times;
		this.now = now;
		Duration least = HistorySettings.LEAST_LEVEL0_AGE;
		this.level0Retention = (settings.level0Retention().compareTo(least) > 0) ? settings.level0Retention() : least;
		this.window = settings.snapshotRetention().plus(settings.level0Retention());
		this.newestOfLevel0 = this.level0.stream()
			.map((file) -> file.key().name().max())
			.max(Comparator.naturalOrder())
			.orElse(Txid.ZERO);
	}

	RetentionPlan plan() {
		List<StoredFile> snapshots = this.files.stream()
			.filter((file) -> StoredShape.isSnapshot(file) && !this.damaged.contains(file.key()))
			.sorted(Comparator.comparing((file) -> file.key().name().max()))
			.toList();
		if (snapshots.isEmpty()) {
			return new RetentionPlan(List.of(), Txid.ZERO, List.of(), Instant.MAX);
		}
		findBase(snapshots);
		List<Deletion> bases = new ArrayList<>();
		List<Deletion> others = new ArrayList<>();
		Txid oldest = Txid.ZERO;
		if (this.base != null) {
			oldest = this.base.key().name().max();
			below(this.base, bases, others);
		}
		List<MergedInputs> merged = proven(mergedInputs(), oldest);
		// What no restore can begin with any more goes first, the oldest before the next:
		// from then on whatever ends before the base is out of reach, and a restore to a
		// time before it fails. Were a snapshot to outlive the files after it, it would
		// pass for the state of their times. Of level 0 the newest go first, so that what
		// is left still stands on what comes before it.
		List<List<Deletion>> steps = new ArrayList<>();
		bases.forEach((base) -> steps.add(List.of(base)));
		steps.add(others);
		List<Deletion> inputs = merged.stream()
			.flatMap(MergedInputs::deletions)
			.sorted(Comparator.comparing((Deletion deletion) -> deletion.key().name()).reversed())
			.toList();
		steps.add(inputs);
		return new RetentionPlan(steps, oldest, grounds(merged), this.next);
	}

	private List<StoredFile> grounds(List<MergedInputs> merged) {
		List<StoredFile> grounds = new ArrayList<>();
		if (this.base != null && !this.gone.isEmpty()) {
			grounds.add(this.base);
		}
		merged.forEach((inputs) -> grounds.add(inputs.merged()));
		return grounds;
	}

	/**
	 * Times ascend with the TXIDs. Where they do not, because a clock was wrong, what
	 * follows a snapshot that is not old yet is not old either.
	 */
	private void findBase(List<StoredFile> snapshots) {
		for (StoredFile snapshot : snapshots) {
			Instant old = time(snapshot).plus(this.window);
			if (old.isAfter(this.now)) {
				if (this.files.stream().anyMatch((file) -> endsBy(snapshot, file))) {
					this.next = old;
				}
				return;
			}
			this.base = snapshot;
		}
	}

	private Instant time(StoredFile snapshot) {
		Instant time = this.times.get(snapshot.key());
		if (time == null) {
			throw new IllegalArgumentException("the time of " + snapshot.key() + " is not given");
		}
		return time;
	}

	private boolean endsBy(StoredFile snapshot, StoredFile file) {
		return !file.key().equals(snapshot.key()) && !isNewest(file)
				&& !file.key().name().max().isAfter(snapshot.key().name().max());
	}

	private boolean isNewest(StoredFile file) {
		return file.key().level() == 0 && file.key().name().max().equals(this.newestOfLevel0);
	}

	private void below(StoredFile base, List<Deletion> bases, List<Deletion> others) {
		String reason = "it ends at or before TXID %s, the snapshot of %s, which is the newest from before the window of %s"
			.formatted(base.key().name().max(), time(base), this.window);
		for (StoredFile file : this.files) {
			if (endsBy(base, file) && !isYoung(file)) {
				this.gone.add(file.key());
				(file.key().name().isSnapshot() ? bases : others).add(new Deletion(file.key(), reason));
			}
		}
	}

	private boolean isYoung(StoredFile file) {
		Instant old = file.lastModified().plus(HistorySettings.LEAST_LEVEL0_AGE);
		boolean young = file.key().level() == 0 && old.isAfter(this.now);
		this.next = (young && old.isBefore(this.next)) ? old : this.next;
		return young;
	}

	private List<MergedInputs> mergedInputs() {
		List<MergedInputs> found = new ArrayList<>();
		Set<LtxKey> taken = new HashSet<>(this.gone);
		taken.addAll(this.damaged);
		for (StoredFile file : this.files) {
			if (StoredShape.isMerged(file) && !taken.contains(file.key())) {
				inputs(file, taken).ifPresent((inputs) -> {
					inputs.files().forEach((input) -> taken.add(input.key()));
					found.add(inputs);
				});
			}
		}
		return found;
	}

	private Optional<MergedInputs> inputs(StoredFile merged, Set<LtxKey> taken) {
		LtxFileName range = merged.key().name();
		if (range.contains(this.newestOfLevel0) && !range.max().equals(this.newestOfLevel0)) {
			// The newest file of level 0 stays, and so must what it stands on
			return Optional.empty();
		}
		List<StoredFile> inputs = within(range).stream()
			.filter((file) -> !taken.contains(file.key()) && !isNewest(file))
			.toList();
		if (inputs.isEmpty()) {
			return Optional.empty();
		}
		Instant youngest = inputs.stream()
			.map(StoredFile::lastModified)
			.max(Comparator.naturalOrder())
			.orElse(merged.lastModified());
		Instant old = ((youngest.isAfter(merged.lastModified())) ? youngest : merged.lastModified())
			.plus(this.level0Retention);
		if (old.isAfter(this.now)) {
			this.next = old.isBefore(this.next) ? old : this.next;
			return Optional.empty();
		}
		return Optional.of(new MergedInputs(merged, inputs));
	}

	/** The files of level 0 whose range lies within another one. */
	private List<StoredFile> within(LtxFileName range) {
		List<StoredFile> found = new ArrayList<>();
		for (int i = firstFrom(range.min()); i < this.level0.size(); i++) {
			LtxFileName name = this.level0.get(i).key().name();
			if (name.min().isAfter(range.max())) {
				break;
			}
			if (!name.max().isAfter(range.max())) {
				found.add(this.level0.get(i));
			}
		}
		return found;
	}

	private int firstFrom(Txid min) {
		int low = 0;
		int high = this.level0.size();
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (this.level0.get(middle).key().name().min().isBefore(min)) {
				low = middle + 1;
			}
			else {
				high = middle;
			}
		}
		return low;
	}

	/**
	 * Leave out what must stay after all: a replica with holes and overlaps may reach a
	 * state only through a file of level 0 that a merged file seems to replace.
	 */
	private List<MergedInputs> proven(List<MergedInputs> candidates, Txid oldest) {
		RetentionProof proof = new RetentionProof(this.files, oldest);
		List<MergedInputs> left = candidates;
		while (!left.isEmpty()) {
			Set<LtxKey> going = new HashSet<>(this.gone);
			left.forEach((inputs) -> inputs.files().forEach((file) -> going.add(file.key())));
			Optional<RetentionProof.Harm> harm = proof
				.harm(this.files.stream().filter((file) -> !going.contains(file.key())).toList());
			if (harm.isEmpty()) {
				break;
			}
			LtxFileName name = harm.get().file().key().name();
			List<MergedInputs> apart = left.stream().filter((inputs) -> !inputs.touches(name)).toList();
			left = (apart.size() < left.size()) ? apart : List.of();
		}
		return left;
	}

	/**
	 * Files of level 0, and a merged file that holds all of them.
	 */
	private record MergedInputs(StoredFile merged, List<StoredFile> files) {

		Stream<Deletion> deletions() {
			return this.files.stream()
				.map((file) -> new Deletion(file.key(), "it is merged into " + this.merged.key()));
		}

		/** Whether a range meets the merged one, or goes on from it. */
		boolean touches(LtxFileName other) {
			LtxFileName own = this.merged.key().name();
			Txid before = new Txid(other.min().value() - 1);
			return !before.isAfter(own.max()) && !own.min().isAfter(other.max());
		}

	}

}
