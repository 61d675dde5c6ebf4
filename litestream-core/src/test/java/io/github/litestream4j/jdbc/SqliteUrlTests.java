package io.github.litestream4j.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SqliteUrl}.
 */
class SqliteUrlTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite:%s/app.db", "JDBC:SQLITE:%s/app.db", "jdbc:sqlite:%s/../%s/app.db",
			"jdbc:sqlite:%s/app.db?busy_timeout=1", "jdbc:sqlite:%s/app.db?", "jdbc:sqlite:%s/a#b.db",
			"jdbc:sqlite:%s/a%%20b.db", "jdbc:sqlite:file:%s/app.db", "jdbc:sqlite:file://%s/app.db",
			"jdbc:sqlite:file://localhost%s/app.db", "jdbc:sqlite:file:%s/a%%20b%%C3%%A4.db",
			"jdbc:sqlite:file:%s/a%%3Fb.db?mode=rwc", "jdbc:sqlite:file:%s/app.db#part",
			"jdbc:sqlite:file:%s/app.db?mode=rwc&busy_timeout=7&cache=private" })
	void namesTheFileThatTheDriverOpens(String form) throws Exception {
		String url = form.replace("%s/../%s", this.folder + "/../" + this.folder.getFileName())
			.replace("%s", this.folder.toString())
			.replace("%%", "%");
		Path file = SqliteUrl.parse(url).realFile();
		assertThat(file).doesNotExist();
		assertThat(file).hasToString(databaseOf(url));
	}

	@Test
	void namesARelativeFileAsTheDriverDoes() {
		assertThat(SqliteUrl.parse("jdbc:sqlite:app.db").file()).isEqualTo(Path.of("app.db").toAbsolutePath());
		assertThat(SqliteUrl.parse("jdbc:sqlite:file:app.db").file()).isEqualTo(Path.of("app.db").toAbsolutePath());
	}

	@Test
	void followsLinksAsTheDriverDoes() throws Exception {
		Path real = Files.createDirectory(this.folder.resolve("real"));
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), real);
		Path file = Files.createSymbolicLink(link.resolve("app.db"), Path.of("other.db"));
		String url = "jdbc:sqlite:" + file;
		assertThat(SqliteUrl.parse(url).realFile()).isEqualTo(real.toRealPath().resolve("other.db"));
		assertThat(SqliteUrl.parse(url).realFile()).hasToString(databaseOf(url));
	}

	@Test
	void refusesALinkToItself() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("app.db"), Path.of("app.db"));
		SqliteUrl url = SqliteUrl.parse("jdbc:sqlite:" + link);
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(url::realFile)
			.withMessageContaining("leads back to itself");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite:", "jdbc:sqlite::memory:", "jdbc:sqlite::memory:?busy_timeout=1",
			"jdbc:sqlite:?busy_timeout=1", "jdbc:sqlite:file:", "jdbc:sqlite:file:?cache_size=1",
			"jdbc:sqlite:file:#part", "jdbc:sqlite:file::memory:", "jdbc:sqlite:file://" })
	void refusesADatabaseWithoutAFile(String url) {
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.parse(url))
			.withMessageContaining(url)
			.withMessageContaining("no file to replicate")
			.withMessageContaining("litestream.enabled=false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "mode=memory", "mode=ro", "immutable=1", "nolock=1", "cache=shared", "vfs=unix-none" })
	void refusesUriParametersThatContradictReplication(String parameter) {
		String url = "jdbc:sqlite:file:" + this.folder.resolve("app.db") + "?" + parameter;
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.parse(url))
			.withMessageStartingWith(parameter + " of '" + url + "' cannot be honoured");
	}

	@ParameterizedTest
	@ValueSource(strings = { "journal_mode=DELETE", "journal_mode=off", "wal_autocheckpoint=1000",
			"locking_mode=EXCLUSIVE", "shared_cache=true", "open_mode=1", "journal_size_limit=0" })
	void refusesSettingsThatContradictReplication(String setting) {
		String file = "jdbc:sqlite:" + this.folder.resolve("app.db");
		String url = file + "?" + setting;
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.parse(url))
			.withMessageStartingWith(setting + " of '" + url + "' cannot be honoured");
		String[] pair = setting.split("=");
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.parse(file, Map.of(pair[0], pair[1])))
			.withMessageStartingWith(setting + " of '" + file + "' cannot be honoured");
	}

	@ParameterizedTest
	@ValueSource(strings = { "journal_mode=WAL", "journal_mode=wal", "wal_autocheckpoint=0", "locking_mode=NORMAL",
			"shared_cache=false", "open_mode=70", "synchronous=NORMAL&foreign_keys=true" })
	void takesSettingsThatAgreeWithReplication(String setting) {
		assertThat(SqliteUrl.parse("jdbc:sqlite:" + this.folder.resolve("app.db") + "?" + setting).file())
			.isEqualTo(this.folder.resolve("app.db"));
	}

	@Test
	void refusesAParameterThatWouldBecomeAPartOfTheFileName() {
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.parse("jdbc:sqlite:/data/app.db?bussy_timeout=5"))
			.withMessageContaining("'bussy_timeout'")
			.withMessageContaining("part of the file's name");
	}

	@Test
	void refusesAForeignHostAResourceAndAnotherDatabase() {
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.parse("jdbc:sqlite:file://server/app.db"))
			.withMessageContaining("names the host 'server'");
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.parse("jdbc:sqlite::resource:app.db"))
			.withMessageContaining("resource of the class path");
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.parse("jdbc:h2:mem:a"))
			.withMessageContaining("no SQLite URL");
		assertThat(SqliteUrl.isSqlite("jdbc:h2:mem:a")).isFalse();
		assertThat(SqliteUrl.isSqlite(null)).isFalse();
	}

	@Test
	void refusesAMissingFolderAndAFolderInPlaceOfTheFile() {
		Path missing = this.folder.resolve("missing");
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.of(missing.resolve("app.db")).realFile())
			.withMessageContaining("create " + missing);
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.of(this.folder).realFile())
			.withMessageContaining("names a folder");
		assertThat(missing).doesNotExist();
	}

	@Test
	void aPropertyWinsOverTheUrlAndTheLastParameterOverTheFirst() {
		String url = "jdbc:sqlite:/data/app.db?busy_timeout=1&Busy_Timeout=2";
		assertThat(SqliteUrl.parse(url).setting("busy_timeout")).hasValue("2");
		assertThat(SqliteUrl.parse(url, Map.of("busy_timeout", "3")).setting("busy_timeout")).hasValue("3");
		assertThat(SqliteUrl.parse(url).setting("cache_size")).isEmpty();
	}

	private static String databaseOf(String url) throws Exception {
		try (Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("PRAGMA database_list")) {
			assertThat(rows.next()).isTrue();
			return rows.getString("file");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "password=tell-nobody&journal_mode=delete", "mode=ro&KEY=tell-nobody",
			"wal_autocheckpoint=5& hexkey = tell-nobody", "user=tell-nobody&pass=tell-nobody&nonsense=1" })
	void aKeyIsNotShown(String parameters) {
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SqliteUrl.parse("jdbc:sqlite:/app.db?" + parameters))
			.satisfies((ex) -> assertThat(ex.getMessage()).contains("/app.db?").doesNotContain("tell-nobody"));
		assertThat(SqliteUrl.parse("jdbc:sqlite:file:/app.db?password=tell-nobody&busy_timeout=5"))
			.hasToString("jdbc:sqlite:file:/app.db?password=***&busy_timeout=5");
		for (String url : List.of("jdbc:sqlite:file://id:tell-nobody@host/app.db",
				"jdbc:x://id:tell-nobody@host/app")) {
			assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> SqliteUrl.parse(url))
				.satisfies((ex) -> assertThat(ex.getMessage()).contains("host").doesNotContain("tell-nobody"));
		}
	}

}
