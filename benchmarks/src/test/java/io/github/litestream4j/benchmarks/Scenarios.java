package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What is measured, one after the other, each on a database and a replica of its own.
 */
final class Scenarios {

	private static final int PER_SECOND = 500;

	/** How exactly the time is known at which a lone commit was stored. */
	private static final Duration FINE = Duration.ofNanos(100_000);

	/** The same where looking more often would slow down what is measured. */
	private static final Duration COARSE = Duration.ofMillis(1);

	private static final String CONDITIONS = """
			Each transaction updates one row and inserts one of 100 bytes; one connection, WAL, synchronous=NORMAL.
			Lag is the time from the return of the commit until its file stands in the store's folder.
			Litestream runs beside with its default settings, and its database without automatic checkpoints; \
			alone, SQLite makes its own.
			Replication's processor time is that of Litestream's process, and of our engine's threads.""";

	private static final Side.Opener LITESTREAM = LitestreamSide::open;

	private static final Side.Opener OURS = (database, place) -> OurSide.open(database, place, Duration.ofSeconds(1));

	private static final Side.Opener OURS_AT_ONCE = (database, place) -> OurSide.open(database, place, Duration.ZERO);

	private final Settings settings;

	private final Path folder;

	private final Function<String, Place> s3;

	private final Function<String, Place> local;

	private final List<String> remarks = new ArrayList<>();

	private int count;

	/**
	 * Prepare.
	 * @param settings how much to measure
	 * @param folder where databases are made
	 * @param s3 gives a place in a bucket
	 * @param local gives a place in a folder
	 */
	Scenarios(Settings settings, Path folder, Function<String, Place> s3, Function<String, Place> local) {
		this.settings = settings;
		this.folder = folder;
		this.s3 = s3;
		this.local = local;
	}

	Table measure(String litestream) throws IOException, SQLException, TimeoutException {
		warmUp();
		Table table = new Table("", "alone", litestream + " beside", "ours, sync-interval 1s", "ours, sync-interval 0");
		lone(table, "S3", this.s3);
		lone(table, "folder", this.local);
		paced(table);
		fullSpeed(table);
		this.remarks.add(CONDITIONS);
		return table;
	}

	/**
	 * What stands below the table.
	 * @return sentences
	 */
	List<String> remarks() {
		return this.remarks;
	}

	/**
	 * An application runs for days: the JVM's first seconds are not what is compared, be
	 * it that of the engine or that of the S3 server.
	 */
	private void warmUp() throws IOException, SQLException, TimeoutException {
		Workload workload = Workload.paced(PER_SECOND, Duration.ofSeconds(5));
		run("warm-up", this.s3, OURS_AT_ONCE, COARSE, workload);
		run("warm-up", this.local, OURS_AT_ONCE, COARSE, workload);
		run("warm-up", this.s3, LITESTREAM, COARSE, workload);
	}

	private void lone(Table table, String store, Function<String, Place> places)
			throws IOException, SQLException, TimeoutException {
		Run theirs = run("lone commits, " + store, places, LITESTREAM, FINE, lone());
		Run ours = run("lone commits, " + store, places, OURS, FINE, lone());
		table.row("lag of a lone commit, " + store + ": p50 / p99 / max", Arrays.asList(null, theirs, ours, null),
				Scenarios::spread);
		this.remarks.add(String.format(Locale.ROOT, "Lone commits, %s: p50 of Litestream is %.0f times ours (%d each).",
				store, (double) lags(theirs).percentile(50).toNanos() / lags(ours).percentile(50).toNanos(),
				lags(ours).count()));
	}

	/** Both sides get the same rests. */
	private Workload lone() {
		return Workload.lone(this.settings.samples(), new Random(3));
	}

	private void paced(Table table) throws IOException, SQLException, TimeoutException {
		Workload workload = Workload.paced(PER_SECOND, this.settings.paced());
		String name = PER_SECOND + " commits/s, S3";
		Run theirs = run(name, this.s3, LITESTREAM, COARSE, workload);
		Run ours = run(name, this.s3, OURS, COARSE, workload);
		Run atOnce = run(name, this.s3, OURS_AT_ONCE, COARSE, workload);
		List<@Nullable Run> runs = Arrays.asList(null, theirs, ours, atOnce);
		table.row("lag at " + name + ": p50 / p99 / max", runs, Scenarios::spread);
		table.row("– commits/s reached", runs, Scenarios::rate);
		table.row("– processor time of the replication for 10,000 commits", runs, Scenarios::cpu);
	}

	/**
	 * In rounds, and each side stands in the table with the round that was neither its
	 * fastest nor its slowest.
	 */
	private void fullSpeed(Table table) throws IOException, SQLException, TimeoutException {
		Workload workload = Workload.fullSpeed(this.settings.full());
		String name = "full speed, S3";
		List<Run> alone = new ArrayList<>();
		List<Run> theirs = new ArrayList<>();
		List<Run> ours = new ArrayList<>();
		List<Run> atOnce = new ArrayList<>();
		Run.alone(newFolder(), workload);
		for (int round = 1; round <= this.settings.rounds(); round++) {
			tell(name + ", alone");
			alone.add(Run.alone(newFolder(), workload));
			theirs.add(run(name, this.s3, LITESTREAM, COARSE, workload));
			ours.add(run(name, this.s3, OURS, COARSE, workload));
			atOnce.add(run(name, this.s3, OURS_AT_ONCE, COARSE, workload));
		}
		List<Run> runs = Stream.of(alone, theirs, ours, atOnce).map(Scenarios::middle).toList();
		table.row("commits/s at " + name, runs, Scenarios::rate);
		table.row("– longest commit", runs, Scenarios::longest);
		table.row("– processor time of the writer for 10,000 commits", runs, Scenarios::writer);
		table.row("– processor time of the replication for 10,000 commits", runs, Scenarios::cpu);
		table.row("– lag: p50 / p99 / max", runs, Scenarios::spread);
	}

	private static Run middle(List<Run> runs) {
		List<Run> sorted = runs.stream().sorted(Comparator.comparingDouble((run) -> run.log().perSecond())).toList();
		return sorted.get(sorted.size() / 2);
	}

	private Run run(String name, Function<String, Place> places, Side.Opener opener, Duration pause, Workload workload)
			throws IOException, SQLException, TimeoutException {
		tell(name + ", " + ((opener == LITESTREAM) ? "Litestream" : (opener == OURS) ? "ours" : "ours at once"));
		Path folder = newFolder();
		return Run.with(folder, places.apply("replica-" + this.count), opener, pause, workload);
	}

	private Path newFolder() {
		this.count++;
		return this.folder.resolve("database-" + this.count);
	}

	private static void tell(String what) {
		System.err.println(what);
	}

	private static Lags lags(Run run) {
		return Objects.requireNonNull(run.lags(), "a side that stores nothing has no lag");
	}

	private static String spread(Run run) {
		Lags lags = run.lags();
		return (lags != null) ? Table.time(lags.percentile(50)) + " / " + Table.time(lags.percentile(99)) + " / "
				+ Table.time(lags.max()) : Table.NONE;
	}

	private static String rate(Run run) {
		return String.format(Locale.ROOT, "%,.0f", run.log().perSecond());
	}

	private static String longest(Run run) {
		return Table.time(run.log().longest());
	}

	private static String writer(Run run) {
		return perTenThousand(run, run.writerTime());
	}

	private static String cpu(Run run) {
		return (run.lags() != null) ? perTenThousand(run, run.cpuTime()) : Table.NONE;
	}

	private static String perTenThousand(Run run, Duration time) {
		return Table.time(time.multipliedBy(10_000).dividedBy(run.log().count()));
	}

}
