package io.github.litestream4j.database;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.testsupport.ChildProcess;

/**
 * The {@code sqlite3} command: another process, with locks of its own.
 */
final class ForeignSqlite {

	private ForeignSqlite() {
	}

	/**
	 * Run SQL in a new process.
	 * @param database the database file
	 * @param sql statements
	 * @return what it printed, errors included
	 */
	static String run(Path database, String sql) throws Exception {
		Path log = Files.createTempFile(database.getParent(), "sqlite3", ".log");
		try (ChildProcess process = ChildProcess.start(List.of("sqlite3", database.toString(), sql), Map.of(),
				database.getParent(), log)) {
			process.await(Duration.ofSeconds(30));
			return process.output().trim();
		}
		finally {
			Files.delete(log);
		}
	}

}
