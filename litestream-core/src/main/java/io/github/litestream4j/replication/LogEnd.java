package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores files of level 0, and believes that a key was free only as long as nobody can
 * have let go of a file there. Retention deletes what is merged and old enough: a writer
 * that was away for longer, on a machine that slept or in a network that was parted,
 * might find the key free that another one has taken before. The newest file always
 * stays, so a listing tells. How soon a file goes is the other one's setting: what counts
 * here is the least that there is, and not our own. Used by one thread, and perhaps by
 * one before it that hung.
 */
final class LogEnd {

	private static final Logger logger = LoggerFactory.getLogger(LogEnd.class);

	/** The other half is for the clocks of others. */
	private static final Duration ALLOWED = HistorySettings.LEAST_LEVEL0_AGE.dividedBy(2);

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	private final Time time;

	/** When the end was known last. */
	private volatile Moment known;

	/**
	 * Create one for a writer that has listed the replica.
	 * @param storage the replica
	 * @param index which files are this writer's, or were when it began
	 * @param time tells the time
	 * @param listed when the listing was begun
	 */
	LogEnd(ReplicaStorage storage, ReplicaIndex index, Time time, Moment listed) {
		this.storage = storage;
		this.index = index;
		this.time = time;
		this.known = listed;
	}

	/**
	 * Store a file where the log goes on.
	 * @throws ConflictException when another writer has gone on there
	 */
	void store(StagedFile file) {
		if (isOld(this.time.now())) {
			Moment before = this.time.now();
			requireEnd(file);
			this.known = before;
		}
		Moment before = this.time.now();
		boolean created = Uploader.store(this.storage, file);
		Moment after = this.time.now();
		if (isOld(after)) {
			// The time that counts may have passed before the put was looked at
			requireEnd(file);
			this.known = after;
		}
		else if (created) {
			this.known = before;
		}
	}

	private boolean isOld(Moment now) {
		return this.known.until(now).compareTo(ALLOWED) > 0;
	}

	/**
	 * Look whether nobody is there or beyond. The file itself may be there: the answer of
	 * the put, or of this look at what came after it, may have been lost.
	 */
	private void requireEnd(StagedFile file) {
		Set<LtxKey> ours = new HashSet<>();
		this.index.level(0).forEach((known) -> ours.add(known.key()));
		LtxKey key = file.key();
		StoredFile theirs = null;
		boolean stored = false;
		for (StoredFile other : this.storage.list(0)) {
			boolean beyond = !other.key().name().max().isBefore(file.txid());
			if (!beyond || ours.contains(other.key())) {
				continue;
			}
			if (other.key().equals(key) && Uploader.isSame(this.storage, other, file.content())) {
				stored = true;
			}
			else {
				theirs = other;
			}
		}
		if (theirs != null) {
			if (stored) {
				takeBack(this.storage, file.txid());
			}
			throw new ConflictException(
					"%s in %s was stored by another writer, while this one had stored nothing for long and is at %s. Two applications write to this replica: stop one of them, or give it a replica of its own."
						.formatted(theirs.key(), this.storage.url(), file.txid()));
		}
	}

	/**
	 * Delete a file that was stored where another writer's had been, as far as that can
	 * be told: never one that another writer may have gone on from.
	 * @param storage the replica
	 * @param txid its TXID
	 */
	static void takeBack(ReplicaStorage storage, Txid txid) {
		LtxKey key = new LtxKey(0, LtxFileName.of(txid));
		try {
			if (isNeeded(storage, txid)) {
				logger.warn("{} in {} is left there, for another writer may have gone on from it", key, storage.url());
				return;
			}
			storage.delete(List.of(key));
			logger.warn("{} in {} is deleted again: another writer had been there before", key, storage.url());
		}
		catch (StorageUnavailableException ex) {
			logger.error("{} in {} cannot be deleted again, though another writer had been there before: delete it",
					key, storage.url(), ex);
		}
	}

	/**
	 * From below, so that no merge hides a file: its output is stored before its inputs
	 * go.
	 */
	private static boolean isNeeded(ReplicaStorage storage, Txid txid) {
		List<LtxFileName> names = new ArrayList<>();
		boolean merged = false;
		for (int level = 0; level < LtxKey.SNAPSHOT_LEVEL; level++) {
			for (StoredFile file : storage.list(level)) {
				names.add(file.key().name());
				merged |= level > 0 && file.key().name().contains(txid);
			}
		}
		Optional<LtxFileName> next = names.stream().filter((name) -> name.contains(txid.next())).findAny();
		return !merged && next.isPresent();
	}

	/**
	 * A moment by two clocks: one stands still while the machine sleeps, the other may be
	 * set.
	 *
	 * @param nanos as {@link System#nanoTime}
	 * @param instant by the wall clock
	 */
	record Moment(long nanos, Instant instant) {

		/** By the one that says longer; one that went back may have gone on for long. */
		Duration until(Moment later) {
			Duration running = Duration.ofNanos(later.nanos - this.nanos);
			Duration wall = Duration.between(this.instant, later.instant).abs();
			return (wall.compareTo(running) > 0) ? wall : running;
		}

	}

	/**
	 * Tells the time.
	 *
	 * @param nanos as {@link System#nanoTime}
	 * @param clock the wall clock
	 */
	record Time(LongSupplier nanos, Clock clock) {

		static final Time SYSTEM = new Time(System::nanoTime, Clock.systemUTC());

		Moment now() {
			return new Moment(this.nanos.getAsLong(), this.clock.instant());
		}

	}

}
