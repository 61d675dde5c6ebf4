package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.sqlite.Collation;
import org.sqlite.Function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

class DatabaseCheckTests {

	private static final int PAGE_SIZE = 4096;

	private static final String VIRTUAL = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) "
			+ "VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING app_module(a)')";

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@TempDir
	private Path folder;

	private Path database;

	@BeforeEach
	void listen() {
		this.database = this.folder.resolve("it's.db");
		logger().setLevel(Level.WARN);
		this.log.start();
		logger().addAppender(this.log);
	}

	@AfterEach
	void stopListening() {
		logger().detachAppender(this.log);
		logger().setLevel(null);
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', textBlock = """
			CREATE TABLE "o'n" (a);                          CREATE INDEX i ON "o'n" (a COLLATE app)
			CREATE TABLE t (a TEXT COLLATE app UNIQUE);      SELECT 1
			CREATE TABLE t (a TEXT COLLATE app PRIMARY KEY) WITHOUT ROWID; SELECT 1
			CREATE TABLE t (a TEXT, b TEXT AS (app(a))) STRICT; SELECT 1
			""")
	void namesTheTablesThatOnlyTheApplicationCanCheck(String table, String index) throws Exception {
		execute("CREATE TABLE other (a, b)", "CREATE INDEX other_index ON other (a)", table, index);
		integrity(IntegrityCheck.QUICK);
		integrity(IntegrityCheck.FULL);
		assertThat(this.log.list).hasSize(2)
			.allSatisfy((event) -> assertThat(event.getFormattedMessage()).contains("the database: ")
				.containsPattern("passed over table (t|o'n): ")
				.doesNotContain("other")
				.containsPattern("\\((unknown function: app\\(\\)|no such collation sequence: app)\\)"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', textBlock = """
			CREATE TABLE t (a); CREATE INDEX i ON t (app(a))
			CREATE TABLE t (a); CREATE INDEX i ON t (a) WHERE app(a) > 'b'
			""")
	void checksWhatAFunctionOfAnIndexIsNotNeededFor(String table, String index) throws Exception {
		execute(table, index);
		integrity(IntegrityCheck.QUICK);
		assertThat(this.log.list).isEmpty();
		integrity(IntegrityCheck.FULL);
		assertThat(this.log.list).singleElement()
			.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("passed over the indexes of t:")
				.doesNotContain("table t"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', textBlock = """
			CREATE TABLE t (a, b AS (app(a)) STORED); CREATE INDEX i ON t (b)
			CREATE TABLE t (a CHECK (app(a) > 'a'));  CREATE TABLE u (a DEFAULT (app('a')))
			CREATE TABLE t (a TEXT COLLATE app);      CREATE VIEW v AS SELECT app(a) FROM t
			""")
	void needsNothingOfTheApplicationForMostThings(String first, String second) throws Exception {
		execute(first, second);
		integrity(IntegrityCheck.QUICK);
		integrity(IntegrityCheck.FULL);
		assertThat(this.log.list).isEmpty();
	}

	@Test
	void needsNoModuleOfAVirtualTable() throws Exception {
		execute("CREATE TABLE t (a TEXT COLLATE app UNIQUE)", "PRAGMA writable_schema = ON", VIRTUAL);
		integrity(IntegrityCheck.QUICK);
		assertThat(this.log.list).singleElement()
			.satisfies((event) -> assertThat(event.getFormattedMessage()).contains("passed over table t:"));
	}

	@ParameterizedTest
	@CsvSource({ "QUICK", "FULL" })
	void findsDamageBesideWhatItCannotCheck(IntegrityCheck check) throws Exception {
		execute("CREATE TABLE t (a TEXT COLLATE app UNIQUE)", "CREATE TABLE other (a)",
				"INSERT INTO other VALUES ('needle')");
		byte[] bytes = Files.readAllBytes(this.database);
		int page = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("needle") / PAGE_SIZE;
		Arrays.fill(bytes, page * PAGE_SIZE, page * PAGE_SIZE + 100, (byte) 0x55);
		Files.write(this.database, bytes);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> integrity(check))
			.withMessageContaining("the database is damaged");
	}

	@Test
	void findsAnIndexThatLacksARowBesideWhatItCannotCheck() throws Exception {
		execute("CREATE TABLE t (a TEXT COLLATE app UNIQUE)", "CREATE TABLE other (a)",
				"INSERT INTO other VALUES ('needle')", "CREATE INDEX other_index ON other (a)");
		byte[] bytes = Files.readAllBytes(this.database);
		bytes[new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("needle")] = 'b';
		Files.write(this.database, bytes);
		assertThatNoException().isThrownBy(() -> integrity(IntegrityCheck.QUICK));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> integrity(IntegrityCheck.FULL))
			.withMessageContaining("other_index");
	}

	@Test
	void endsWhenItsThreadIsInterrupted() throws Exception {
		execute("CREATE TABLE t (a)",
				"INSERT INTO t SELECT value FROM json_each('[' || substr(replace(hex(zeroblob(300000)), '00', ',1'), 2) || ']')");
		integrity(IntegrityCheck.FULL);
		Thread.currentThread().interrupt();
		try {
			assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> integrity(IntegrityCheck.FULL))
				.withMessageContaining("interrupted")
				.isNotInstanceOf(CorruptDataException.class);
			assertThat(Thread.currentThread().isInterrupted()).isTrue();
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	private void integrity(IntegrityCheck check) throws IOException {
		DatabaseCheck.integrity(this.database, check, "the database");
		assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(this.database));
	}

	private void execute(String... statements) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database)) {
			Collation.create(connection, "app", new Backwards());
			Function.create(connection, "app", new Extended(), 1, Function.FLAG_DETERMINISTIC);
			try (Statement statement = connection.createStatement()) {
				for (String sql : statements) {
					statement.execute(sql);
				}
				if (List.of(statements).stream().anyMatch((sql) -> sql.startsWith("CREATE TABLE t "))) {
					statement.execute("INSERT INTO t (a) VALUES ('a'), ('b'), ('c')");
				}
			}
		}
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(SqliteCheck.class);
	}

	/** What the application registers. */
	private static final class Backwards extends Collation {

		@Override
		protected int xCompare(String first, String second) {
			return second.compareTo(first);
		}

	}

	/** What the application registers. */
	private static final class Extended extends Function {

		@Override
		protected void xFunc() throws SQLException {
			result(value_text(0) + "x");
		}

	}

}
