package io.github.litestream4j.history;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the files of each level into fewer ones of the next level, so that a restore
 * reads tens of files and not thousands. Nothing is deleted here.
 * <p>
 * A level is due when there is something to merge at the start, and then its interval
 * after the first file came that is not merged yet: an idle database costs nothing. What
 * cannot be merged because a stored file is damaged stays a hole in every level above,
 * and never becomes a file that hides it.
 */
public final class Compaction implements Chore {

	/** What messages call it. */
	public static final String NAME = "compaction";

	private static final Logger logger = LoggerFactory.getLogger(Compaction.class);

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	private final LocalFiles local;

	private final ScratchFolder scratch;

	private final Clock clock;

	private final MergeStore store;

	private final Damages damages;

	/** Merged files that were found damaged, and are to be made again. */
	private final Set<StoredFile> damaged = new LinkedHashSet<>();

	private final List<Level> levels = new ArrayList<>();

	/**
	 * Create the chore; looks at the index, and at nothing else.
	 * @param storage the replica
	 * @param index what it holds; told of each merged file
	 * @param local copies of stored files
	 * @param scratch where files are merged
	 * @param intervals how often files are merged into level 1, 2 and so on
	 * @param clock says when they are due
	 */
	public Compaction(ReplicaStorage storage, ReplicaIndex index, LocalFiles local, ScratchFolder scratch,
			List<Duration> intervals, Clock clock) {
		this.storage = storage;
		this.index = index;
		this.local = local;
		this.scratch = scratch;
		this.clock = clock;
		this.store = new MergeStore(storage);
		this.damages = new Damages(index, storage.url());
		for (Duration interval : intervals) {
			this.levels.add(new Level(this.levels.size() + 1, interval));
		}
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public Instant due() {
		if (!this.damaged.isEmpty() || this.index.hasDamaged()) {
			return Instant.MIN;
		}
		Instant due = this.damages.due(this.clock.instant());
		for (Level level : this.levels) {
			due = (level.due().isBefore(due)) ? level.due() : due;
		}
		return due;
	}

	/**
	 * Merge into each level that is due, the lowest first.
	 * @throws CorruptDataException when a stored file is damaged or missing; all others
	 * are merged before
	 */
	@Override
	public void run() throws IOException, InterruptedException {
		makeAgain();
		Set<Integer> again = this.damages.forget(this.clock.instant());
		for (Level level : this.levels) {
			if (again.contains(level.number - 1) || !level.due().isAfter(this.clock.instant())) {
				level.merge();
			}
		}
		this.damages.requireNone();
	}

	/**
	 * What others have found damaged is made again, as long as its inputs are there:
	 * nothing was let go of on its word.
	 */
	private void makeAgain() throws IOException, InterruptedException {
		for (StoredFile file : this.index.takeDamaged()) {
			this.damages.add(file, "%s in %s is damaged".formatted(file.key(), this.storage.url()),
					this.clock.instant());
			this.damaged.add(file);
		}
		for (StoredFile file : List.copyOf(this.damaged)) {
			boolean whole = false;
			while (!whole) {
				whole = true;
				for (List<StoredFile> run : MergePlan.runs(inputs(file), List.of(),
						this.index.level(LtxKey.SNAPSHOT_LEVEL))) {
					whole &= merge(run, file.key().level());
				}
			}
			this.damaged.remove(file);
		}
	}

	/** The files of the level below that a merged file is made of. */
	private List<StoredFile> inputs(StoredFile merged) {
		LtxFileName range = merged.key().name();
		return this.damages.without(this.index.level(merged.key().level() - 1))
			.stream()
			.filter((file) -> !file.key().name().min().isBefore(range.min())
					&& !file.key().name().max().isAfter(range.max()))
			.toList();
	}

	/**
	 * Merge files into one.
	 * @return whether that is done; else a file was found damaged, and is left out from
	 * now on
	 */
	private boolean merge(List<StoredFile> files, int level) throws IOException, InterruptedException {
		StoredFile newest = files.get(files.size() - 1);
		LtxKey key = new LtxKey(level, new LtxFileName(files.get(0).key().name().min(), newest.key().name().max()));
		try (MergedFile merged = merge(files)) {
			merged.verify();
			StoredFile stored = this.store.store(key, merged, checksum(newest));
			this.index.add(stored);
			this.index.proven(stored);
			logger.debug("merged {} files into {} in {}, {} bytes", files.size(), key, this.storage.url(),
					merged.length());
			return true;
		}
		catch (DamagedInputException ex) {
			if (!(ex.input() instanceof InputFile input)) {
				throw ex;
			}
			logger.error("The history is merged without a damaged file: {}", ex.getMessage());
			this.damages.add(input.file(), String.valueOf(ex.getMessage()), this.clock.instant());
			return false;
		}
	}

	private MergedFile merge(List<StoredFile> files) throws IOException, InterruptedException {
		try {
			return LtxMerge.merge(inputs(files, this.local), this.scratch);
		}
		catch (DamagedInputException ex) {
			if (!ex.input().isCopy()) {
				throw ex;
			}
			logger.warn("Files are merged from {} only, for what is here is damaged: {}", this.storage.url(),
					ex.getMessage());
			return LtxMerge.merge(inputs(files, (name) -> Optional.empty()), this.scratch);
		}
	}

	private List<InputFile> inputs(List<StoredFile> files, LocalFiles local) {
		return files.stream().map((file) -> new InputFile(file, this.storage, local, this.scratch)).toList();
	}

	/**
	 * What is not known of the newest input is not known of the merged file, which is
	 * right without it too.
	 */
	private OptionalLong checksum(StoredFile newest) {
		try {
			return this.storage.databaseChecksum(newest);
		}
		catch (MissingFileException | CorruptDataException ex) {
			logger.warn("What is merged up to {} in {} has no checksum of the database: {}", newest.key(),
					this.storage.url(), ex.getMessage());
			return OptionalLong.empty();
		}
	}

	/**
	 * A level that files are merged into.
	 */
	private final class Level {

		private final int number;

		private final Duration interval;

		/** Up to which change of the level below everything is merged. */
		private long merged;

		/** When what is not merged is to be, or null when there is nothing. */
		private @Nullable Instant due;

		Level(int number, Duration interval) {
			this.number = number;
			this.interval = interval;
			this.merged = changes();
			this.due = runs().isEmpty() ? null : Compaction.this.clock.instant();
		}

		/** Whoever stores a file waits for this: it looks at no list of files. */
		Instant due() {
			Instant latest = Compaction.this.clock.instant().plus(this.interval);
			boolean begins = this.due == null && changes() != this.merged;
			// A clock that is put back must not put it off
			if (begins || (this.due != null && this.due.isAfter(latest))) {
				this.due = latest;
			}
			return (this.due != null) ? this.due : Instant.MAX;
		}

		private long changes() {
			return Compaction.this.index.changes(this.number - 1);
		}

		private List<List<StoredFile>> runs() {
			return MergePlan.runs(sound(this.number - 1), sound(this.number),
					Compaction.this.index.level(LtxKey.SNAPSHOT_LEVEL));
		}

		private List<StoredFile> sound(int level) {
			return Compaction.this.damages.without(Compaction.this.index.level(level));
		}

		void merge() throws IOException, InterruptedException {
			long changes = changes();
			boolean whole = false;
			while (!whole) {
				whole = true;
				for (List<StoredFile> run : runs()) {
					whole &= Compaction.this.merge(run, this.number);
				}
				if (!whole && this.number > 1) {
					// What was damaged may be made again as long as its inputs are there
					Compaction.this.levels.get(this.number - 2).merge();
				}
			}
			this.merged = changes;
			this.due = null;
		}

	}

}
