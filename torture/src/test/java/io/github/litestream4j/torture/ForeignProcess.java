package io.github.litestream4j.torture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import io.github.litestream4j.testsupport.ChildProcess;
import org.awaitility.Awaitility;

/**
 * {@code sqlite3}, which knows nothing of us.
 */
final class ForeignProcess implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final ChildProcess process;

	private ForeignProcess(ChildProcess process) {
		this.process = process;
	}

	/**
	 * Run statements, and end.
	 * @return what they print, empty when somebody else had the lock for too long
	 */
	static Optional<String> run(Path database, Path log, String sql) {
		TorturedDatabase.delete(log);
		try (ForeignProcess process = start(database, log)) {
			process.process.send(sql);
			process.process.send(".quit");
			int exitCode = process.process.await(TIMEOUT);
			String output = process.process.output().strip();
			if (output.contains("locked")) {
				return Optional.empty();
			}
			if (exitCode != 0 || output.contains("rror")) {
				throw new Violation("sqlite3 ended with " + exitCode + " after " + sql + ": " + output);
			}
			return Optional.of(output);
		}
	}

	private static ForeignProcess start(Path database, Path log) {
		return new ForeignProcess(
				ChildProcess.start(List.of("sqlite3", "-batch", "-bail", "-cmd", ".timeout 5000", database.toString()),
						Map.of(), database.getParent(), log));
	}

	/**
	 * One transaction, with its entry in the ledger.
	 * @return the entry, empty when somebody else had the lock for too long
	 */
	static Optional<Entry> write(Path database, Path log, Random random) {
		return run(database, log, transaction(random)).map((output) -> Entry.parse(output.split(" "), 0));
	}

	/** What {@link #write} says. */
	static String transaction(Random random) {
		int id = 1 + random.nextInt(250);
		byte[] data = new byte[random.nextInt(2000)];
		random.nextBytes(data);
		String table = "c_" + random.nextInt(2);
		long hash = RowHash.of(table, id, data);
		String state = "state + %d - coalesce((SELECT h FROM %s WHERE id = %d), 0)".formatted(hash, table, id);
		return """
				BEGIN IMMEDIATE; \
				INSERT INTO ledger SELECT seq + 1, %s, %s FROM \
				(SELECT seq, state, chain FROM ledger UNION ALL SELECT 0, 0, 0 ORDER BY seq DESC LIMIT 1); \
				INSERT OR REPLACE INTO %s (id, h, data) VALUES (%d, %d, x'%s'); \
				SELECT seq || ' ' || state || ' ' || chain FROM ledger ORDER BY seq DESC LIMIT 1; \
				COMMIT;""".formatted(state, Entry.NEXT_CHAIN.formatted(state), table, id, hash,
				HexFormat.of().formatHex(data));
	}

	/** A process that has the database open until it is closed. */
	static ForeignProcess hold(Path database, Path log) {
		TorturedDatabase.delete(log);
		ForeignProcess process = start(database, log);
		process.process.send("SELECT count(*) FROM ledger;");
		Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> !process.process.output().isEmpty());
		return process;
	}

	@Override
	public void close() {
		this.process.send(".quit");
		this.process.await(TIMEOUT);
	}

}
