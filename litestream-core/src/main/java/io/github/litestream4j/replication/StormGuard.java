package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the snapshots of the last 24 hours. A fault, here or in what asks for snapshots,
 * must not store the whole database again and again: above a number there is an alarm in
 * the place of a snapshot. One that begins a history is needed in any case, and leads to
 * an alarm only. Safe for use by any thread.
 */
final class StormGuard {

	private static final Logger logger = LoggerFactory.getLogger(StormGuard.class);

	private static final Duration DAY = Duration.ofHours(24);

	private static final int ALLOWED = 24;

	private final String database;

	private final Duration interval;

	private final Progress progress;

	private final GenerationLog generations;

	private final Clock clock;

	/** Of the last day, as far as it is known. */
	private final Map<Txid, Stored> snapshots = new TreeMap<>();

	/**
	 * Create a guard that knows of what the replica holds.
	 * @param database what messages call the database
	 * @param interval how often a snapshot is wanted, 0 for never
	 * @param progress has the replica's index, and is told of alarms
	 * @param generations tells which snapshots begin a history
	 */
	StormGuard(String database, Duration interval, Progress progress, GenerationLog generations, Clock clock) {
		this.database = database;
		this.interval = interval;
		this.progress = progress;
		this.generations = generations;
		this.clock = clock;
		for (StoredFile file : progress.snapshots()) {
			this.snapshots.put(file.key().name().max(), new Stored(file.lastModified(), false));
		}
	}

	/**
	 * How many may be stored in 24 hours.
	 */
	long limit() {
		long wanted = this.interval.isZero() ? 0 : DAY.plus(this.interval).minusNanos(1).dividedBy(this.interval);
		return ALLOWED + 2 * wanted;
	}

	/** A snapshot was stored. */
	synchronized void stored(Txid txid) {
		this.snapshots.put(txid, new Stored(this.clock.instant(), false));
	}

	/** A snapshot was stored that begins a history. */
	void begun(Txid txid) {
		boolean many;
		synchronized (this) {
			this.snapshots.put(txid, new Stored(this.clock.instant(), true));
			forgetOld();
			many = this.snapshots.size() > ALLOWED;
		}
		if (many) {
			tellOfBeginnings();
		}
	}

	private void tellOfBeginnings() {
		try {
			long beginnings = countBeginnings();
			if (beginnings > ALLOWED) {
				String message = "%s: the history began anew %d times in the last 24 hours, each time with a snapshot of the whole database. Look at the reasons in its generations, and for another process that checkpoints the database or replaces its file"
					.formatted(this.database, beginnings);
				logger.error(message);
				this.progress.passed(ErrorStage.SNAPSHOT, message);
			}
		}
		catch (RuntimeException ex) {
			// The snapshot itself is stored
			this.progress.passed(ErrorStage.SNAPSHOT,
					"The new histories of a day cannot be counted: " + ex.getMessage());
			logger.warn("{}: the new histories of a day cannot be counted: {}", this.database, ex.toString());
		}
	}

	/**
	 * To be called before a snapshot is begun that no history needs.
	 * @throws LitestreamException when there were too many, which is logged
	 */
	void requireRoom() {
		long limit = limit();
		if (count() < limit) {
			return;
		}
		// Those that an earlier process stored may have begun histories
		countBeginnings();
		long count = count();
		if (count >= limit) {
			String message = "%s: no snapshot is stored, for there were %d in the last 24 hours, and at most %d may be with a snapshot.interval of %s. Look at what asks for them: calls of the snapshot endpoint, or an application that restarts again and again. The next one is possible at %s; transactions are stored as ever"
				.formatted(this.database, count, limit, this.interval, permittedFrom());
			logger.error(message);
			throw new LitestreamException(message);
		}
	}

	/**
	 * From when on there is room for another one.
	 */
	synchronized Instant permittedFrom() {
		forgetOld();
		long limit = limit();
		long count = count();
		return (count < limit) ? this.clock.instant()
				: this.snapshots.values()
					.stream()
					.filter((stored) -> !stored.beginning())
					.map(Stored::time)
					.sorted()
					.skip(count - limit)
					.findFirst()
					.orElseThrow()
					.plus(DAY);
	}

	private synchronized long count() {
		forgetOld();
		return this.snapshots.values().stream().filter((stored) -> !stored.beginning()).count();
	}

	/** Asks the storage. */
	private long countBeginnings() {
		Set<Txid> firsts = this.generations.firsts();
		synchronized (this) {
			this.snapshots
				.replaceAll((txid, stored) -> new Stored(stored.time(), stored.beginning() || firsts.contains(txid)));
			return this.snapshots.values().stream().filter(Stored::beginning).count();
		}
	}

	private void forgetOld() {
		Instant now = this.clock.instant();
		Instant from = now.minus(DAY);
		this.snapshots.values().removeIf((stored) -> !stored.time().isAfter(from));
		// A clock that is put back must not make it a longer day
		this.snapshots
			.replaceAll((txid, stored) -> stored.time().isAfter(now) ? new Stored(now, stored.beginning()) : stored);
	}

	/**
	 * A snapshot of the last day.
	 *
	 * @param time when it was stored
	 * @param beginning whether it begins a history
	 */
	private record Stored(Instant time, boolean beginning) {

	}

}
