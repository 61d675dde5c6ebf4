package io.github.litestream4j.testsupport.trial;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.testsupport.RingLedger;

/**
 * Writes a database at a steady pace while its history is merged, deleted and restored,
 * notes which transaction is the last one of which TXID and time, and restores them all
 * at the end. For use once.
 */
public final class HistoryTrial {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/** How long a busy machine may keep what is due. */
	private static final Duration LATE = Duration.ofSeconds(10);

	private final TrialPlace place;

	private final TrialSettings settings;

	private final Consumer<String> out;

	private final ReplicatorSettings replication;

	private final Marks marks = new Marks();

	/** How often files were deleted. */
	private final AtomicInteger passes = new AtomicInteger();

	private final List<StoredSizes> sizes = new ArrayList<>();

	private final long begin = System.nanoTime();

	/**
	 * Prepare a trial.
	 * @param place where
	 * @param settings how
	 * @param out takes lines of text for whoever watches
	 */
	public HistoryTrial(TrialPlace place, TrialSettings settings, Consumer<String> out) {
		this.place = place;
		this.settings = settings;
		this.out = out;
		this.replication = ReplicatorSettings.of("app", place.database())
			.withSyncInterval(settings.syncInterval())
			.with(settings.history());
	}

	/**
	 * Run it.
	 * @throws AssertionError when a state was not restored exactly, or too much is kept
	 */
	public void run() throws SQLException {
		ObservedStorage storage = new ObservedStorage(this.place.storage(), (operation, success, sent, received) -> {
			if (operation.equals("delete")) {
				this.passes.incrementAndGet();
			}
		});
		DatabaseSession session = DatabaseSession.open(this.replication, RestoreSettings.DEFAULT, storage);
		session.replicator().start();
		try (RestoresMeanwhile meanwhile = new RestoresMeanwhile(this.place, this.settings, this.marks, this.passes)) {
			write(session, meanwhile);
			meanwhile.end();
			meanwhile.requireSound();
			this.out.accept(meanwhile.toString());
			require(meanwhile.spanning() > 0, "no restore went across a retention pass");
		}
		finally {
			require(session.close(PATIENCE), "not everything was stored");
		}
		Instant end = Instant.now();
		report();
		TrialProof proof = new TrialProof(this.place, this.settings, this.marks);
		proof.run(end);
		this.out.accept(proof.toString());
		require(proof.times() > 0 && proof.theirs() >= 2 * this.settings.sample(),
				"too few states were noted: " + proof);
		requireBounded();
	}

	private void write(DatabaseSession session, RestoresMeanwhile meanwhile) throws SQLException {
		LitestreamDataSource dataSource = new LitestreamDataSource(SqliteUrl.of(this.place.database()),
				new ConnectionSettings(this.replication.busyTimeout(), this.replication.checkpoint().maxPages()),
				() -> session.replicator().commitBegins());
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA synchronous=NORMAL");
			RingLedger ledger = new RingLedger(connection);
			mark(session, ledger);
			meanwhile.start();
			Duration nextMark = this.settings.marks();
			Duration nextReport = this.settings.report();
			for (long i = 1; elapsed().compareTo(this.settings.length()) < 0; i++) {
				pauseUntil(this.begin + i * 1_000_000_000L / this.settings.commits());
				ledger.commit();
				if (elapsed().compareTo(nextMark) > 0) {
					mark(session, ledger);
					meanwhile.requireSound();
					nextMark = elapsed().plus(this.settings.marks());
				}
				if (elapsed().compareTo(nextReport) > 0) {
					report();
					nextReport = nextReport.plus(this.settings.report());
				}
			}
			mark(session, ledger);
			this.out.accept("%d transactions, %d deletions".formatted(ledger.last(), this.passes.get()));
			ReplicationStatus status = session.replicator().status();
			require(status.state() == State.RUNNING && status.lastError() == null,
					"the replicator says: " + status.failure() + ", " + status.lastError());
		}
	}

	private void mark(DatabaseSession session, RingLedger ledger) {
		Txid txid = session.replicator().sync(PATIENCE);
		Mark mark = new Mark(txid, Instant.now(), ledger.last());
		this.marks.add(mark);
		// Times of files are of milliseconds
		while (!Instant.now().isAfter(mark.time().plusMillis(2))) {
			LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
		}
	}

	private static void pauseUntil(long nanos) {
		for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	private Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.begin);
	}

	private void report() {
		StoredSizes now = StoredSizes.of(elapsed(), this.place.storage(), this.replication.stagingDirectory());
		this.sizes.add(now);
		this.out.accept(now.toString());
	}

	/**
	 * At each time there are no more files than a window can have, and once the first
	 * history has left it no more bytes than then, give or take some snapshots.
	 */
	private void requireBounded() {
		HistorySettings history = this.settings.history();
		Duration late = history.level0Retention().multipliedBy(2).plus(LATE);
		Duration window = history.snapshotRetention().plus(history.snapshotInterval().multipliedBy(2)).plus(late);
		List<StoredSizes> steady = this.sizes.stream().filter((one) -> one.elapsed().compareTo(window) > 0).toList();
		for (StoredSizes one : this.sizes) {
			for (int level = 1; level <= history.levels().size(); level++) {
				Duration interval = history.levels().get(level - 1);
				require(one.files().get(level) <= window.dividedBy(interval) + 2, "too many of level " + level, one);
			}
			require(one.files().get(LtxKey.SNAPSHOT_LEVEL) <= window.dividedBy(history.snapshotInterval()) + 2,
					"too many snapshots", one);
			Duration level0 = history.levels().get(0).plus(late);
			require(one.files().get(0) <= level0.dividedBy(this.settings.syncInterval())
					+ level0.dividedBy(this.settings.marks()) + 2, "too many of level 0", one);
		}
		for (StoredSizes one : steady) {
			require(one.allBytes() <= 2 * steady.get(0).allBytes(), "more and more is stored, " + steady.get(0), one);
		}
	}

	private static void require(boolean condition, String found, StoredSizes sizes) {
		require(condition, found + ": " + sizes);
	}

	private static void require(boolean condition, String found) {
		if (!condition) {
			throw new AssertionError(found);
		}
	}

}
