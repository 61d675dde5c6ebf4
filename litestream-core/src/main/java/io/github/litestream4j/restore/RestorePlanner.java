package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Chooses the files that make a wanted state. A state that the replica names and that no
 * unbroken chain of files reaches is an error in every mode: an older state is never
 * given in its place.
 * <p>
 * A state can be told apart as long as a file ends with it. When a merged file has
 * replaced the files of single transactions, a time within it means the state before it:
 * the further back, the coarser. A time after the newest file is an error: whether
 * nothing was written until then, or nothing was stored, no file tells. So is a time in a
 * hole, and one at which the storage had a later state already by its own clock.
 */
final class RestorePlanner {

	private final ReplicaStorage storage;

	private final ReplicaFiles files;

	private final FileChains chains;

	private final FileTimes times;

	private final Beginnings beginnings;

	/**
	 * Create a planner for a replica as it stands now.
	 * @param storage the replica, which is listed once
	 */
	RestorePlanner(ReplicaStorage storage) {
		this.storage = storage;
		this.files = ReplicaFiles.of(storage);
		this.chains = new FileChains(this.files.all());
		this.times = new FileTimes(storage);
		this.beginnings = new Beginnings(storage);
	}

	/**
	 * Choose the files for a state.
	 * @param txid the state, or {@code null}
	 * @param time the time whose state is wanted, or {@code null}; the latest state when
	 * both are absent
	 * @return the plan; empty only when the replica holds no file at all
	 * @throws UnreachablePointException when the replica cannot give that state
	 */
	Optional<RestorePlan> plan(@Nullable Txid txid, @Nullable Instant time) {
		if (this.files.isEmpty()) {
			return Optional.empty();
		}
		if (time != null) {
			return Optional.of(at(time));
		}
		Txid target = (txid != null) ? txid : this.files.newest();
		return Optional.of(this.chains.to(target)
			.orElseThrow(() -> unreachable(((txid != null) ? "TXID " : "its latest state, TXID ") + target, target)));
	}

	/**
	 * The time of a file.
	 * @param file a file of a plan
	 * @return its time
	 */
	Instant timeOf(StoredFile file) {
		return this.times.of(file);
	}

	private RestorePlan at(Instant time) {
		List<StoredFile> telling = new TellingFiles(this.files, this.chains).list();
		StoredFile file = this.times.newestAt(telling, time)
			.orElseThrow(() -> new UnreachablePointException(
					"The replica " + this.storage.url() + " has no state as old as " + time + ": "
							+ this.chains.firstFrom(Txid.FIRST)
								.map((first) -> "the first that it can give is " + describe(first))
								.orElse("and no snapshot, so it can give none")));
		Txid target = file.key().name().max();
		requireNotAfterTheLast(target, time);
		RestorePlan plan = this.chains.to(target)
			.orElseThrow(() -> unreachable("TXID " + target + ", the state of " + time, target));
		if (this.times.of(file).isBefore(time) && isBeforeHole(target)) {
			throw unreachable("the state of " + time + ", which may be any from TXID " + target + " on", target.next());
		}
		requireNotContradicted(telling, file, time);
		return plan;
	}

	/**
	 * A clock that was put forward gives its files, and the next ones, times that come
	 * later than they did.
	 */
	private void requireNotContradicted(List<StoredFile> telling, StoredFile found, Instant time) {
		this.times.storedBefore(telling, found, time).ifPresent((later) -> {
			throw new UnreachablePointException("Which state of the replica " + this.storage.url() + " is that of "
					+ time + " is not known: by the times in its files it is " + describe(found)
					+ ", but by the storage's own clock " + describe(later) + " was stored at " + later.lastModified()
					+ " already. The writer's clock was put forward for a while. Restore one of the two, or one "
					+ "between them, by its TXID in the place of a time");
		});
	}

	private void requireNotAfterTheLast(Txid target, Instant time) {
		if (!target.equals(this.files.newest())) {
			return;
		}
		Instant last = this.files.all()
			.stream()
			.filter((file) -> file.key().name().max().equals(target))
			.map(this.times::of)
			.max(Comparator.naturalOrder())
			.orElseThrow();
		if (time.isAfter(last.plus(FileTimes.PRECISION))) {
			throw new UnreachablePointException("The replica " + this.storage.url() + " has no state as late as " + time
					+ ": its newest is TXID " + target + " of " + last
					+ ", and what was written after that is not known to it. For the newest state leave the time out. "
					+ nearest(target.next()));
		}
	}

	/**
	 * Whether transactions after a state are lost, which were there: the next file leaves
	 * some out, and no snapshot stands between with which a history begins anew. One that
	 * was taken on the way begins none: what led up to it was there.
	 */
	private boolean isBeforeHole(Txid txid) {
		Optional<Txid> next = this.files.levels()
			.subList(0, LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.flatMap(List::stream)
			.filter((file) -> file.key().name().max().isAfter(txid))
			.map((file) -> file.key().name().min())
			.min(Comparator.naturalOrder());
		if (next.isPresent() && !next.get().isAfter(txid.next())) {
			return false;
		}
		Optional<Txid> snapshot = this.files.levels()
			.get(LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.map((file) -> file.key().name().max())
			.filter((max) -> max.isAfter(txid))
			.findFirst()
			.filter((max) -> next.isEmpty() || max.isBefore(next.get()));
		return snapshot.map((max) -> max.isAfter(txid.next()) && !this.beginnings.isRecorded(max))
			.orElse(next.isPresent());
	}

	private UnreachablePointException unreachable(String what, Txid target) {
		Txid reached = this.chains.lastBefore(target).map((file) -> file.key().name().max()).orElse(Txid.ZERO);
		String why = target.isAfter(this.files.newest()) ? "its newest file ends at " + this.files.newest()
				: gap(reached, target);
		return new UnreachablePointException(
				"The replica " + this.storage.url() + " cannot give " + what + ": " + why + ". " + nearest(target));
	}

	private String nearest(Txid target) {
		Optional<StoredFile> before = this.chains.lastBefore(target);
		Optional<StoredFile> after = this.chains.firstFrom(target);
		if (before.isEmpty() && after.isEmpty()) {
			return "No state can be restored from it";
		}
		return "The nearest that it can give: before, " + before.map(this::describe).orElse("nothing") + "; after, "
				+ after.map(this::describe).orElse("nothing");
	}

	private String gap(Txid reached, Txid target) {
		List<StoredFile> later = this.files.all()
			.stream()
			.filter((file) -> file.key().name().max().isAfter(reached))
			.sorted((a, b) -> a.key().name().compareTo(b.key().name()))
			.toList();
		Optional<StoredFile> over = later.stream()
			.filter((file) -> file.key().name().contains(target) && !file.key().name().min().isAfter(reached.next()))
			.findFirst();
		if (over.isPresent()) {
			return "it lies within " + over.get().key() + ", which applies as a whole only";
		}
		StoredFile next = later.stream()
			.filter((file) -> file.key().name().min().isAfter(reached.next()))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("no gap below " + target));
		Txid last = new Txid(next.key().name().min().value() - 1);
		return "TXIDs " + reached.next() + " to " + last + " are in no file (the last file before that gap: "
				+ this.chains.lastBefore(target).map((file) -> file.key().toString()).orElse("none")
				+ "; the first after it: " + next.key() + ")";
	}

	private String describe(StoredFile file) {
		return "TXID " + file.key().name().max() + " of " + this.times.of(file);
	}

}
