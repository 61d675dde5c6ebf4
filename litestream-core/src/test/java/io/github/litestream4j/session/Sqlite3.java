package io.github.litestream4j.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.testsupport.ChildProcess;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The {@code sqlite3} command on a database, and what can be seen of its WAL from
 * outside.
 */
final class Sqlite3 {

	private Sqlite3() {
	}

	/**
	 * Run statements in another process, which waits five seconds for a lock.
	 * @return what it printed
	 */
	static String run(Path database, String sql) throws IOException {
		Path log = Files.createTempFile(database.toAbsolutePath().getParent(), "sqlite3-", ".log");
		try (ChildProcess process = ChildProcess.start(
				List.of("sqlite3", "-cmd", ".timeout 5000", database.toString(), sql), Map.of(), log.getParent(),
				log)) {
			assertThat(process.await(Duration.ofSeconds(30))).as(process::output).isZero();
			return process.output();
		}
		finally {
			Files.delete(log);
		}
	}

	static Path wal(Path database) {
		return LiveDatabase.sibling(database, "-wal");
	}

	/**
	 * The first salt of the WAL, which is one higher each time that SQLite begins it
	 * anew.
	 */
	static int salt(Path database) throws IOException {
		try (InputStream in = Files.newInputStream(wal(database))) {
			return ByteBuffer.wrap(in.readNBytes(32)).getInt(16);
		}
	}

}
