package io.github.litestream4j.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class NewDatabaseTests {

	@TempDir
	private Path folder;

	@Test
	void removesOneThatHoldsNothing() throws Exception {
		NewDatabase database = NewDatabase.at(file());
		execute("PRAGMA journal_mode=WAL", "PRAGMA user_version=1", "PRAGMA user_version=0");
		assertThat(file()).isNotEmptyFile();
		database.removeIfUnused();
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void removesOneWithoutAByte() throws IOException {
		NewDatabase database = NewDatabase.at(file());
		Files.createFile(file());
		database.removeIfUnused();
		assertThat(this.folder).isEmptyDirectory();
	}

	@ParameterizedTest
	@ValueSource(strings = { "CREATE TABLE t (id)", "CREATE VIEW v AS SELECT 1" })
	void keepsWhatSomebodyElseHasWritten(String sql) throws Exception {
		NewDatabase database = NewDatabase.at(file());
		execute(sql);
		database.removeIfUnused();
		assertThat(file()).isNotEmptyFile();
	}

	@Test
	void keepsOneWhoseWalHoldsSomething() throws Exception {
		NewDatabase database = NewDatabase.at(file());
		execute("PRAGMA journal_mode=WAL");
		Files.write(this.folder.resolve("app.db-wal"), new byte[1]);
		database.removeIfUnused();
		assertThat(file()).isNotEmptyFile();
	}

	@Test
	void keepsOneThatWasThere() throws Exception {
		execute("PRAGMA journal_mode=WAL");
		NewDatabase.at(file()).removeIfUnused();
		assertThat(file()).isNotEmptyFile();
	}

	private Path file() {
		return this.folder.resolve("app.db");
	}

	private void execute(String... sqls) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
				Statement statement = connection.createStatement()) {
			for (String sql : sqls) {
				statement.execute(sql);
			}
		}
	}

}
