package io.github.litestream4j.torture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * One life of an application, from what happened before it to the proof after it.
 */
final class Round {

	private static final Duration LONG = Duration.ofSeconds(60);

	private static final Duration PATIENCE = Duration.ofMillis(1500);

	private final TorturedDatabase database;

	private final RoundPlan plan;

	private final FaultProxy proxy;

	private final List<String> java;

	private final Counts counts;

	private final Random random;

	private final Path log;

	private @Nullable ForeignProcess held;

	private boolean compared;

	Round(TorturedDatabase database, RoundPlan plan, FaultProxy proxy, List<String> java, Counts counts) {
		this.database = database;
		this.plan = plan;
		this.proxy = proxy;
		this.java = java;
		this.counts = counts;
		this.random = new Random(plan.seed());
		this.log = database.log();
	}

	void run() {
		this.database.keepEvidence();
		Faults faults = this.plan.isFaulty()
				? new Faults(this.plan.faults(), this.plan.probability(), this.random.nextLong()) : Faults.none();
		whileAway();
		Set<LtxKey> before = this.database.keys();
		this.proxy.inject(this.plan.faultsAtStart() ? faults : Faults.none());
		Entry exact = null;
		try (ApplicationProcess application = start()) {
			if (!application.isOpenWithin(this.plan.isFaulty() ? PATIENCE : LONG)) {
				calm(application, faults);
				application.awaitOpen(LONG);
			}
			letGo();
			this.proxy.inject(faults);
			live(application);
			exact = end(application, faults);
			requireNoBreak(application.output());
		}
		finally {
			faults.calm();
			this.proxy.drop();
			letGo();
		}
		history(before);
		prove(exact);
		this.counts.round(this.plan, kinds(faults));
	}

	private Map<String, Integer> kinds(Faults faults) {
		Map<String, Integer> kinds = new HashMap<>();
		faults.injected().forEach((kind, count) -> kinds.put(kind.name(), count));
		if (!this.database.place().s3() && this.plan.isFaulty()) {
			kinds.put(FaultKind.FAILING_FOLDER, 1);
		}
		return kinds;
	}

	private ApplicationProcess start() {
		RoundPlan plan = this.plan;
		int timeout = 700 + this.random.nextInt(800);
		ApplicationSettings settings = new ApplicationSettings(this.database.file(), this.database.journal(),
				this.database.place().application(), plan.syncMillis(), plan.checkpointPages(), plan.checkpointMillis(),
				plan.threads(), plan.reader(), 50 + this.random.nextInt(400),
				this.database.place().s3() ? 0 : plan.failures(), plan.slowPuts(), timeout, this.random.nextBoolean(),
				plan.shortHistory(), this.random.nextLong());
		return ApplicationProcess.start(this.java, settings, this.log, this.database.truth(),
				plan.away().losesDatabase());
	}

	private void live(ApplicationProcess application) {
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(this.plan.lifeMillis());
		while (System.nanoTime() < end) {
			application.readJournal();
			if (this.plan.foreign() && this.random.nextInt(10) == 0) {
				interfere();
			}
			pause(5 + this.random.nextInt(20));
		}
	}

	private void interfere() {
		if (this.random.nextBoolean()) {
			ForeignProcess.write(this.database.file(), foreignLog(), this.random)
				.ifPresent(this.database.truth()::committed);
		}
		else {
			ForeignProcess.run(this.database.file(), foreignLog(),
					".timeout " + this.random.nextInt(300) + "\nPRAGMA wal_checkpoint(" + mode() + ");");
		}
	}

	private String mode() {
		return List.of("PASSIVE", "FULL", "RESTART", "TRUNCATE").get(this.random.nextInt(4));
	}

	private Path foreignLog() {
		return this.database.folder().resolve("sqlite3.log");
	}

	/**
	 * End its life.
	 * @return what must be stored, exactly, or {@code null}
	 */
	private @Nullable Entry end(ApplicationProcess application, Faults faults) {
		Entry quiet = null;
		if (this.plan.ending().isQuiet()) {
			calm(application, faults);
			quiet = application.quiet(LONG);
		}
		if (this.plan.ending().isKill()) {
			application.kill();
			return quiet;
		}
		Entry closed = application.stop(this.plan.stopMillis(), LONG);
		return (closed != null) ? closed : quiet;
	}

	private void calm(ApplicationProcess application, Faults faults) {
		faults.calm();
		application.heal();
	}

	/** Nobody took the WAL from us while we were there. */
	private void requireNoBreak(String output) {
		for (String sign : List.of("begins anew with a snapshot", "has died", "nothing is stored any more")) {
			Optional<String> line = output.lines().filter((one) -> one.contains(sign)).findFirst();
			if (line.isPresent()) {
				throw new Violation("The application says: " + line.get());
			}
		}
		// Between a comparison's begin and its end there is nothing to go on from
		this.compared = output.contains("compares all pages");
		this.counts.add("deltas", output.lines().filter((line) -> line.contains("pages that differ from")).count());
		this.counts.add("histories gone on", output.lines().filter((line) -> line.contains(": goes on at")).count());
	}

	private void history(Set<LtxKey> before) {
		Set<LtxKey> after = this.database.keys();
		this.counts.add("rounds with a short history", this.plan.shortHistory() ? 1 : 0);
		this.counts.add("files merged into",
				after.stream()
					.filter((key) -> key.level() > 0 && key.level() < LtxKey.SNAPSHOT_LEVEL && !before.contains(key))
					.count());
		this.counts.add("files deleted", before.stream().filter((key) -> !after.contains(key)).count());
	}

	private void prove(@Nullable Entry exact) {
		Reachable reachable = new RestoreCheck(this.database, this.random, this.counts).check(exact);
		long snapshots = this.database.snapshots(reachable.snapshots());
		this.counts.add("snapshots after " + this.plan.away(), snapshots);
		// Where somebody else was at the database, the pages that differ are enough but
		// for bad luck; where nobody was, nothing at all must be stored again
		boolean owed = this.database.snapshotOwed() || this.plan.away() != Away.NOTHING || this.compared
				|| this.plan.shortHistory();
		if (snapshots > 0 && !owed) {
			throw new Violation("A snapshot was taken, though nothing asked for it");
		}
		this.database.snapshotOwed(owed && snapshots == 0 && exact == null);
		if (exact != null) {
			this.database.robbed(false);
		}
	}

	private void whileAway() {
		Path file = this.database.file();
		switch (this.plan.away()) {
			case NOTHING -> {
			}
			case OPENED -> ForeignProcess.run(file, foreignLog(), "SELECT count(*) FROM ledger;");
			case WRITTEN -> write();
			case WRITTEN_AND_HELD -> {
				this.held = ForeignProcess.hold(file, this.database.folder().resolve("held.log"));
				write();
			}
			case CHECKPOINTED -> ForeignProcess.run(file, foreignLog(), "PRAGMA wal_checkpoint(" + mode() + ");");
			case LOST_STAGING -> this.database.loseStaging();
			case LOST_DATABASE, LOST_MACHINE -> loseDatabase();
			case LOST_FILE -> loseFile();
			case OLDER_DATABASE -> goBack();
		}
	}

	private void write() {
		for (int i = this.random.nextInt(4); i >= 0; i--) {
			ForeignProcess.write(this.database.file(), foreignLog(), this.random)
				.ifPresent(this.database.truth()::committed);
			if (this.random.nextBoolean()) {
				ForeignProcess.run(this.database.file(), foreignLog(), "PRAGMA wal_checkpoint(" + mode() + ");");
			}
		}
	}

	/** Only where there is another copy. */
	private void loseDatabase() {
		if (Reachable.of(this.database.place().storage()).givesNewest()) {
			this.database.loseFile();
			if (this.plan.away() == Away.LOST_MACHINE) {
				this.database.loseStaging();
			}
		}
	}

	private void loseFile() {
		Reachable reachable = Reachable.of(this.database.place().storage());
		List<LtxKey> lost = lost(reachable);
		if (lost.isEmpty()) {
			return;
		}
		this.database.place().storage().delete(lost);
		boolean hole = !Reachable.of(this.database.place().storage()).givesNewest();
		this.counts.add("holes in a replica", hole ? 1 : 0);
		if (this.random.nextInt(4) > 0) {
			this.database.loseKeptFiles();
		}
		this.database.robbed(true);
	}

	/** One file at times, which others may make up for; else a TXID from all levels. */
	private List<LtxKey> lost(Reachable reachable) {
		List<Txid> needed = reachable.needed();
		if (!needed.isEmpty() && this.random.nextInt(4) > 0) {
			return reachable.holding(needed.get(this.random.nextInt(needed.size())));
		}
		List<StoredFile> files = reachable.files();
		return files.isEmpty() ? List.of() : List.of(files.get(this.random.nextInt(files.size())).key());
	}

	private void goBack() {
		Reachable reachable = Reachable.of(this.database.place().storage());
		if (reachable.txids().isEmpty()) {
			return;
		}
		List<Txid> txids = List.copyOf(reachable.txids());
		this.database.loseFile();
		if (this.random.nextBoolean()) {
			this.database.loseStaging();
		}
		new Restorer(this.database.place().storage())
			.restore(RestoreRequest.latest(this.database.file()).to(txids.get(this.random.nextInt(txids.size()))));
		this.database.truth().wentBackTo(LedgerCheck.entries(this.database.file()));
	}

	private void letGo() {
		if (this.held != null) {
			this.held.close();
			this.held = null;
		}
	}

	private static void pause(int millis) {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

}
