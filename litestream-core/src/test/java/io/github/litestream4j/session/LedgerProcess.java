package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;

/**
 * An application that keeps a ledger until it is killed.
 */
final class LedgerProcess {

	private LedgerProcess() {
	}

	/**
	 * Keep a ledger for ever.
	 * @param arguments the database, the replica's folder, the sync interval, and a seed,
	 * or {@code idle}
	 */
	public static void main(String[] arguments) throws Exception {
		ReplicatorSettings settings = ReplicatorSettings.of("app", Path.of(arguments[0]))
			.withSyncInterval(Duration.parse(arguments[2]))
			.with(new CheckpointSettings(100, Duration.ofSeconds(1), 1000));
		TestDatabase database = TestDatabase.open(settings, new FileReplicaStorage(Path.of(arguments[1])));
		if (arguments[3].equals("idle")) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			System.out.println("open");
			Thread.currentThread().join();
		}
		Connection connection = database.connect();
		Ledger ledger = new Ledger(connection, Long.parseLong(arguments[3]));
		while (true) {
			System.out.println(ledger.commit());
		}
	}

	static ChildProcess start(Path database, Path replica, Duration syncInterval, long seed, Path log) {
		return start(database, replica, syncInterval, Long.toString(seed), log);
	}

	/**
	 * An application that opens its database, says {@code open}, and writes nothing.
	 */
	static ChildProcess startIdle(Path database, Path replica, Path log) {
		return start(database, replica, Duration.ZERO, "idle", log);
	}

	private static ChildProcess start(Path database, Path replica, Duration syncInterval, String seed, Path log) {
		return ChildProcess.startJava(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("java.class.path"), LedgerProcess.class.getName(), database.toString(),
				replica.toString(), syncInterval.toString(), seed), Map.of(), database.getParent(), log);
	}

	/**
	 * The last number whose commit was reported.
	 */
	static long lastReported(Path log) throws IOException {
		List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
		// The last line may have been cut short
		int whole = Files.exists(log) && Files.readString(log).endsWith("\n") ? lines.size() : lines.size() - 1;
		long last = 0;
		for (int i = 0; i < whole; i++) {
			if (lines.get(i).matches("\\d+")) {
				last = Long.parseLong(lines.get(i));
			}
		}
		return last;
	}

}
