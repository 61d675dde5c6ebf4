package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import io.github.litestream4j.testsupport.trial.HistoryTrial;
import io.github.litestream4j.testsupport.trial.TrialPlace;
import io.github.litestream4j.testsupport.trial.TrialSettings;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Writes for some minutes while little is kept: levels of 2, 6 and 18 seconds, a snapshot
 * each half minute, two minutes of history, 20 seconds of single syncs. Each minute it
 * prints what is stored, meanwhile it restores across retention, and in the end it
 * restores every state that was noted, by its TXID and by its time, and a sample of both
 * with the real Litestream. After {@code ./mvnw -B verify}, from the project's folder:
 * <pre>
 * java -cp 'benchmarks/target/side-by-side/*' io.github.litestream4j.benchmarks.HistoryRun minutes=10
 * </pre> Other arguments, with their defaults: {@code rate=200} commits a second,
 * {@code marks=500} milliseconds between two noted states, {@code sync=100} milliseconds,
 * {@code pause=150} milliseconds more for each read of a restore meanwhile,
 * {@code sample=50} states for Litestream, {@code s3=false}. System property:
 * {@code benchmark.folder} (an existing folder on the disk to run on). It ends with 0
 * when all is as it must be.
 */
public final class HistoryRun {

	private static final HistorySettings HISTORY = new HistorySettings(
			List.of(Duration.ofSeconds(2), Duration.ofSeconds(6), Duration.ofSeconds(18)), Duration.ofSeconds(20),
			Duration.ofSeconds(30), Duration.ofMinutes(2), true, false, Duration.ofMinutes(1));

	private HistoryRun() {
	}

	/**
	 * Run it.
	 * @param args what is not to be the default
	 * @throws Exception when anything fails: its files are left
	 */
	public static void main(String[] args) throws Exception {
		Properties programs = Settings.programs();
		programs.stringPropertyNames().forEach((name) -> System.setProperty(name, programs.getProperty(name)));
		Map<String, String> arguments = new HashMap<>(Map.of("minutes", "10", "rate", "200", "marks", "500", "sync",
				"100", "pause", "150", "sample", "50", "s3", "false"));
		for (String one : args) {
			String[] pair = one.split("=", 2);
			if (pair.length != 2 || arguments.put(pair[0], pair[1]) == null) {
				throw new IllegalArgumentException(
						"there is no argument " + one + ", but " + arguments.keySet() + " with a value each");
			}
		}
		Path parent = Path.of(System.getProperty("benchmark.folder", System.getProperty("java.io.tmpdir")))
			.toAbsolutePath();
		Path folder = Files.createTempDirectory(parent, "history-run-");
		System.out.println(Machine.describe(folder, programs));
		System.out.println(Arrays.toString(args) + " in " + folder);
		int exitCode = 0;
		try {
			run(folder, arguments);
			System.out.println("All is as it must be");
			SideBySide.delete(folder);
		}
		catch (Throwable ex) {
			ex.printStackTrace();
			System.err.println("Failed. The database, the replica and what was restored are left in " + folder);
			exitCode = 1;
		}
		System.exit(exitCode);
	}

	private static void run(Path folder, Map<String, String> arguments) throws Exception {
		if (!Boolean.parseBoolean(arguments.get("s3"))) {
			Path replica = folder.resolve("replica");
			run(new TrialPlace(work(folder), new FileReplicaStorage(replica), LitestreamBinary.current(),
					LitestreamBinary.url(replica)), arguments);
			return;
		}
		try (S3Server server = S3Server.in(folder.resolve("s3")).start(); S3Client client = server.client()) {
			server.createBucket("history");
			run(new TrialPlace(work(folder), new S3ReplicaStorage(client, "history", "app"),
					LitestreamBinary.current().with(server), server.litestreamUrl("history", "app")), arguments);
		}
	}

	private static Path work(Path folder) throws IOException {
		return Files.createDirectory(folder.resolve("work"));
	}

	private static void run(TrialPlace place, Map<String, String> arguments) throws Exception {
		Duration length = Duration.ofSeconds(Math.round(60 * Double.parseDouble(arguments.get("minutes"))));
		new HistoryTrial(place,
				new TrialSettings(length, Duration.ofMinutes(1), HISTORY, millis(arguments, "sync"),
						Integer.parseInt(arguments.get("rate")), millis(arguments, "marks"), millis(arguments, "pause"),
						Integer.parseInt(arguments.get("sample"))),
				System.out::println)
			.run();
	}

	private static Duration millis(Map<String, String> arguments, String name) {
		return Duration.ofMillis(Long.parseLong(arguments.get(name)));
	}

}
