package io.github.litestream4j.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

import io.github.litestream4j.testsupport.S3Server;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Round after round, by one seed.
 */
final class Torture {

	private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(30);

	private static final int ROUNDS_OF_A_DATABASE = 10;

	private final long seed;

	private final Path folder;

	private final Counts counts = new Counts();

	private long nextReport = System.nanoTime() + BETWEEN_REPORTS.toNanos();

	Torture(long seed, Path folder) {
		this.seed = seed;
		this.folder = folder;
	}

	/**
	 * Without JUnit.
	 * @param arguments the minutes, a folder to work in, and a seed or nothing
	 */
	public static void main(String[] arguments) {
		long seed = (arguments.length > 2) ? Long.parseLong(arguments[2]) : newSeed();
		run(seed, Double.parseDouble(arguments[0]), Path.of(arguments[1]).toAbsolutePath());
		System.exit(0);
	}

	static long newSeed() {
		return System.nanoTime() % 1_000_000_000;
	}

	static void run(long seed, double minutes, Path folder) {
		Duration time = Duration.ofSeconds(Math.round(60 * minutes));
		System.out.println("torture seed " + seed + ", for " + time);
		Torture torture = new Torture(seed, folder);
		torture.run(time);
		System.out.println(torture.table());
	}

	/**
	 * Go on until the time is over.
	 * @throws AssertionError with the first violation, which leaves everything as it was
	 */
	void run(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		TorturedDatabase.delete(this.folder);
		if (!this.folder.toFile().mkdirs()) {
			throw new IllegalStateException("cannot make " + this.folder);
		}
		try (S3Server server = S3Server.in(this.folder.resolve("s3")).start();
				S3Client client = ReplicaPlace.client(server);
				FaultProxy proxy = FaultProxy.before(server.endpoint())) {
			JavaCommand java = prepared(server, client, proxy);
			for (int i = 0; System.nanoTime() < end; i++) {
				Random random = new Random(this.seed * 1_000_003 + i);
				Path place = this.folder.resolve("database-" + i);
				boolean s3 = random.nextInt(5) < 3;
				ReplicaPlace replica = s3 ? ReplicaPlace.bucket(server, client, proxy, "database-" + i)
						: ReplicaPlace.folder(place.resolve("replica"));
				TorturedDatabase database = TorturedDatabase.create(place, replica, random);
				torture(database, proxy, java, random, end);
				TorturedDatabase.delete(place);
				if (s3) {
					TorturedDatabase.delete(server.folder("torture").resolve("database-" + i));
				}
			}
		}
	}

	/** One short life that nothing happens to, whose classes are kept for all others. */
	private JavaCommand prepared(S3Server server, S3Client client, FaultProxy proxy) {
		JavaCommand java;
		try {
			java = new JavaCommand(this.folder.resolve("java"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		ReplicaPlace replica = ReplicaPlace.bucket(server, client, proxy, "training");
		TorturedDatabase database = TorturedDatabase.create(this.folder.resolve("training"), replica, new Random(0));
		run(database, RoundPlan.training(), proxy, java.training());
		return java;
	}

	private void run(TorturedDatabase database, RoundPlan plan, FaultProxy proxy, List<String> java) {
		try {
			new Round(database, plan, proxy, java, this.counts).run();
		}
		catch (RuntimeException ex) {
			throw new AssertionError(
					"seed %d, after %s: %s%n%s: %s".formatted(this.seed, this.counts, ex.getMessage(), database, plan),
					ex);
		}
	}

	private void torture(TorturedDatabase database, FaultProxy proxy, JavaCommand java, Random random, long end) {
		for (int i = 0; i < ROUNDS_OF_A_DATABASE && System.nanoTime() < end; i++) {
			RoundPlan plan = RoundPlan.draw(random, i == 0, database.robbed());
			run(database, plan, proxy, java.usual());
			report();
		}
	}

	private void report() {
		if (System.nanoTime() > this.nextReport) {
			System.out.println(this.counts);
			this.nextReport += BETWEEN_REPORTS.toNanos();
		}
	}

	private String table() {
		return this.counts.table(this.seed);
	}

}
