package io.github.litestream4j.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.RetentionPlan.Deletion;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.ReplicaFiles;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes from a replica what no kept state needs, see {@link RetentionRules}. Each pass
 * lists the replica anew, proves first that every kept state stays, and lists once more
 * to see that what it deleted is gone.
 * <p>
 * Nothing goes while the clock is not believed, see {@link SteadyTime}, for a file that
 * was not read to its checksum once, and while the last restore drill found damage that
 * kept states may need.
 * <p>
 * A pass that is late, or that another writer's pass overlaps, harms nothing: what nobody
 * needs once nobody needs later, and what replaces it goes only when it is not needed
 * either. The records of generations below {@code meta/} stay, also when none of their
 * files does: they are small, and tell what happened.
 */
public final class Retention implements Chore {

	private static final Logger logger = LoggerFactory.getLogger(Retention.class);

	private final String database;

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	private final HistorySettings settings;

	private final Supplier<Optional<DrillResult>> drill;

	private final Clock clock;

	private final Consumer<List<StoredFile>> check;

	private final SteadyTime steady;

	private final RetentionGrounds grounds;

	private final RetentionDeletions deletions;

	/** The times of the snapshots, which never change. */
	private final Map<LtxKey, Instant> times = new HashMap<>();

	/** The newest TXID of each level above 0 when the last pass began. */
	private List<Txid> seen = List.of();

	/** When something new was first seen above level 0 since then, or null. */
	private @Nullable Instant changed;

	/** When a file may go though nothing new is stored. */
	private Instant next = Instant.MIN;

	private Instant notBefore = Instant.MIN;

	/** Whether the next pass reads large files. */
	private boolean takesLong;

	/**
	 * Create the chore; nothing is asked before it runs.
	 * @param database what messages call the database
	 * @param storage the replica
	 * @param index what the replica holds, as its writer knows it
	 * @param settings how long what is kept
	 * @param drill the last result of the restore drill, empty when there is none
	 * @param check is given each listing before anything is deleted on its word, and
	 * throws what forbids that
	 * @param clock tells ages
	 */
	public Retention(String database, ReplicaStorage storage, ReplicaIndex index, HistorySettings settings,
			Supplier<Optional<DrillResult>> drill, Consumer<List<StoredFile>> check, Clock clock) {
		this(database, storage, index, settings, drill, check, clock, System::nanoTime);
	}

	Retention(String database, ReplicaStorage storage, ReplicaIndex index, HistorySettings settings,
			Supplier<Optional<DrillResult>> drill, Consumer<List<StoredFile>> check, Clock clock, LongSupplier nanos) {
		this.check = check;
		this.database = database;
		this.storage = storage;
		this.index = index;
		this.settings = settings;
		this.drill = drill;
		this.clock = clock;
		this.steady = new SteadyTime(database, clock, nanos, settings.snapshotRetention());
		this.grounds = new RetentionGrounds(storage, index);
		this.deletions = new RetentionDeletions(storage, index);
	}

	@Override
	public String name() {
		return "retention";
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * A pass that finds that it has large files to read ends, and is due again.
	 */
	@Override
	public boolean isLong() {
		return this.takesLong;
	}

	/**
	 * {@inheritDoc}
	 * <p>
	 * Commits alone make nothing superfluous: merged files and snapshots do, once they
	 * are as old as files of level 0 are kept, and the end of the window. At most once in
	 * the time that level 0 is kept.
	 */
	@Override
	public Instant due() {
		if (!this.settings.retention()) {
			return Instant.MAX;
		}
		List<Txid> newest = newest();
		Instant now = this.clock.instant();
		if (this.seen.isEmpty()) {
			this.seen = newest;
			this.next = estimate(now);
		}
		// A clock that is put back must not put it off
		boolean later = this.changed != null && this.changed.isAfter(now);
		if (later || (this.changed == null && isNew(newest))) {
			this.changed = now;
		}
		this.notBefore = earlier(this.notBefore, now.plus(this.settings.level0Retention()));
		Instant due = this.next;
		if (this.changed != null) {
			due = earlier(due, this.changed.plus(this.settings.level0Retention()));
		}
		due = later(due, this.notBefore);
		Duration left = this.steady.left();
		return left.isZero() ? due : later(due, now.plus(left));
	}

	private static Instant earlier(Instant one, Instant other) {
		return one.isBefore(other) ? one : other;
	}

	private static Instant later(Instant one, Instant other) {
		return one.isAfter(other) ? one : other;
	}

	private List<Txid> newest() {
		return IntStream.rangeClosed(1, LtxKey.SNAPSHOT_LEVEL)
			.mapToObj((level) -> this.index.newest(level).map((file) -> file.key().name().max()).orElse(Txid.ZERO))
			.toList();
	}

	private boolean isNew(List<Txid> newest) {
		return IntStream.range(0, newest.size()).anyMatch((i) -> newest.get(i).isAfter(this.seen.get(i)));
	}

	/** By the index alone, before the first pass. */
	private Instant estimate(Instant now) {
		List<StoredFile> files = this.index.all();
		Map<LtxKey, Instant> times = new HashMap<>();
		files.forEach((file) -> times.put(file.key(), file.lastModified()));
		RetentionPlan plan = RetentionPlan.of(files, times, this.settings, now);
		return plan.steps().isEmpty() ? plan.next() : Instant.MIN;
	}

	@Override
	public void run() throws InterruptedException {
		boolean patient = this.takesLong;
		this.takesLong = false;
		if (!this.steady.left().isZero()) {
			// Since it was found due the clock was put forward
			return;
		}
		// And not what it says after the listing
		Instant now = this.steady.time();
		List<Txid> newest = newest();
		List<StoredFile> files = files();
		RetentionPlan plan = plan(files, now, patient);
		if (plan == null) {
			this.takesLong = true;
			return;
		}
		new RetentionProof(files, plan.oldest()).require(plan.keptOf(files), this.storage.url());
		if (this.settings.dryRun()) {
			plan.steps().forEach((step) -> step.forEach(this::tell));
		}
		else {
			delete(plan, now);
			forgetLost(plan.oldest(), files);
		}
		passed(newest, plan.next(), now);
		this.grounds.requireNoneDamaged();
	}

	/**
	 * What may go, for files that were read to their checksums.
	 * @param patient whether that may take long
	 * @return {@code null} when it would
	 */
	private @Nullable RetentionPlan plan(List<StoredFile> files, Instant now, boolean patient) {
		Map<LtxKey, Instant> times = times(files);
		while (true) {
			RetentionPlan plan = RetentionPlan.of(files, times, this.settings, now, this.grounds.damagedOf(files));
			if (this.settings.dryRun() || plan.steps().isEmpty()) {
				return plan;
			}
			requireNoDoubt(plan, now);
			if (!patient && this.grounds.takeLong(plan.grounds())) {
				return null;
			}
			Instant before = this.notBefore;
			// What cannot be read may be large, and is not begun anew each minute
			this.notBefore = now.plus(this.settings.level0Retention());
			if (this.grounds.areSound(plan.grounds())) {
				this.notBefore = before;
				return plan;
			}
		}
	}

	/**
	 * What a drill found damaged may be what kept states need, and older files may make
	 * up for it, unless all that is kept stands on a later snapshot.
	 */
	private void requireNoDoubt(RetentionPlan plan, Instant now) {
		DrillResult last = this.drill.get().orElse(null);
		Txid harmed = (last != null) ? last.harmed() : null;
		if (last != null && harmed != null && plan.oldest().isBefore(harmed)) {
			passed(newest(), Instant.MIN, now);
			throw new CorruptDataException(
					"Nothing is deleted from %s, though %d files could go: the restore drill of %s found something wrong, and what is older may be needed. It goes on when a drill passes (run one when that is mended), or when a snapshot of TXID %s or later is as old as snapshots are kept (%s)"
						.formatted(this.storage.url(), plan.count(), last.at(), harmed,
								this.settings.snapshotRetention()));
		}
	}

	private void passed(List<Txid> newest, Instant next, Instant now) {
		this.seen = newest;
		this.changed = null;
		this.next = next;
		this.notBefore = now.plus(this.settings.level0Retention());
	}

	private void tell(Deletion deletion) {
		logger.info("{}: retention would delete {} from {}: {}", this.database, deletion.key(), this.storage.url(),
				deletion.reason());
	}

	/**
	 * What the replica holds. A storage that gives a merged file the time of its newest
	 * transaction says nothing of when it came: where this process knows that, the later
	 * one counts.
	 */
	private List<StoredFile> files() {
		List<StoredFile> listed = ReplicaFiles.of(this.storage).all();
		this.check.accept(listed);
		this.deletions.listed(listed);
		Map<LtxKey, Instant> stored = new HashMap<>();
		this.index.all().forEach((file) -> stored.put(file.key(), file.lastModified()));
		List<StoredFile> files = new ArrayList<>(listed.size());
		for (StoredFile file : listed) {
			Instant known = stored.get(file.key());
			files.add((known != null && known.isAfter(file.lastModified()))
					? new StoredFile(file.key(), file.size(), known) : file);
		}
		return files;
	}

	private Map<LtxKey, Instant> times(List<StoredFile> files) {
		List<StoredFile> snapshots = files.stream().filter(StoredShape::isSnapshot).toList();
		this.times.keySet().retainAll(snapshots.stream().map(StoredFile::key).toList());
		snapshots.forEach((file) -> this.times.computeIfAbsent(file.key(), (key) -> this.storage.timestamp(file)));
		return this.times;
	}

	/** What others have deleted before the base is missed no more. */
	private void forgetLost(Txid oldest, List<StoredFile> listed) {
		Set<LtxKey> lost = new HashSet<>();
		this.index.all()
			.stream()
			.filter((file) -> !file.key().name().max().isAfter(oldest))
			.forEach((file) -> lost.add(file.key()));
		listed.forEach((file) -> lost.remove(file.key()));
		this.index.remove(lost);
	}

	private void delete(RetentionPlan plan, Instant now) throws InterruptedException {
		this.deletions.begin(plan.steps().stream().flatMap(List::stream).map(Deletion::key).toList());
		for (List<Deletion> step : plan.steps()) {
			List<LtxKey> keys = step.stream().map(Deletion::key).toList();
			List<LtxKey> left = this.deletions.delete(keys);
			if (!left.isEmpty()) {
				// The next pass is early enough: the storage will not have changed before
				passed(newest(), Instant.MIN, now);
				throw undeleted(left, keys.size());
			}
			logger.debug("{}: retention deleted {} files from {}, from {} to {}", this.database, keys.size(),
					this.storage.url(), keys.get(0), keys.get(keys.size() - 1));
		}
	}

	private LitestreamException undeleted(List<LtxKey> left, int count) {
		return new StorageUnavailableException(
				"%d of %d files that retention deleted from %s are still there, %s first: the storage said that they are deleted, and lists them. Check that nothing locks them (object lock, a legal hold, a read-only mount), or set litestream.retention.enabled=false. They are deleted again in %s."
					.formatted(left.size(), count, this.storage.url(), left.get(0), this.settings.level0Retention()));
	}

}
