package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Databases of every shape come back, by ours and by the real Litestream, to the same
 * bytes.
 */
class DatabaseShapesTests {

	@TempDir
	Path folder;

	static Stream<Arguments> shapes() {
		return Stream.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
			.flatMap((pageSize) -> Stream.of("NONE", "FULL", "INCREMENTAL")
				.map((autoVacuum) -> Arguments.of(pageSize, autoVacuum)));
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void f09GrowsAndShrinks(int pageSize, String autoVacuum) throws Exception {
		Path file = this.folder.resolve("app.db");
		execute(file, "PRAGMA page_size=" + pageSize, "PRAGMA auto_vacuum=" + autoVacuum, "VACUUM",
				"CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		try (TestDatabase database = TestDatabase.open(TestDatabase.settings(file), storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, pageSize);
			Random random = new Random(pageSize);
			for (int i = 0; i < 12; i++) {
				ledger.execute("INSERT INTO t SELECT NULL, randomblob(" + random.nextInt(5000) + ") FROM " + rows(60));
				ledger.commit();
				ledger.execute(
						"DELETE FROM t WHERE id %% 3 = %d OR %d = 0".formatted(random.nextInt(3), random.nextInt(4)));
				ledger.commit();
				switch (random.nextInt(3)) {
					case 0 -> ledger.execute("VACUUM");
					case 1 -> ledger.execute("PRAGMA incremental_vacuum");
					default -> database.replicator().sync(TestDatabase.TIMEOUT);
				}
			}
			ledger.commit();
		}
		assertSame(file, storage, 25);
	}

	@Test
	void f09ShrinksWhileOthersWrite() throws Exception {
		Path file = this.folder.resolve("app.db");
		execute(file, "PRAGMA page_size=1024", "PRAGMA auto_vacuum=INCREMENTAL", "VACUUM");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		AtomicBoolean stop = new AtomicBoolean();
		try (TestDatabase database = TestDatabase.open(TestDatabase.settings(file), storage);
				Connection writing = database.connect();
				Connection shrinking = database.connect()) {
			Ledger ledger = new Ledger(writing, 9);
			CompletableFuture<Long> last = CompletableFuture.supplyAsync(() -> commitUntil(stop, ledger));
			Ledger shrinker = new Ledger(shrinking, 9);
			// The other one leaves little room, and SQLite's turns are not fair
			shrinker.execute("PRAGMA busy_timeout=60000");
			for (String sql : List.of("DROP TABLE t", "DELETE FROM t; PRAGMA incremental_vacuum(40)",
					"DELETE FROM t WHERE id % 2 = 0; VACUUM", "PRAGMA auto_vacuum=FULL; VACUUM", "DROP TABLE t")) {
				shrinker.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, data BLOB)");
				shrinker.execute("INSERT INTO t SELECT NULL, randomblob(2000) FROM " + rows(100));
				for (String statement : sql.split("; ")) {
					shrinker.execute(statement);
				}
				database.replicator().sync(TestDatabase.TIMEOUT);
				Path restored = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
				TestDatabase.restore(storage, restored);
				Ledger.verify(restored);
			}
			stop.set(true);
			Path theirs = this.folder.resolve("theirs");
			long committed = last.get();
			database.replicator().sync(TestDatabase.TIMEOUT);
			LitestreamBinary.current()
				.restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs)
				.succeeded();
			assertThat(Ledger.verify(theirs)).isEqualTo(committed).isPositive();
		}
		assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	private static long commitUntil(AtomicBoolean stop, Ledger ledger) {
		try {
			while (!stop.get()) {
				ledger.commit();
			}
			return ledger.last();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void storesOneTransactionThatIsLongerThanABatch() throws Exception {
		Path file = this.folder.resolve("app.db");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		try (TestDatabase database = TestDatabase.open(TestDatabase.settings(file), storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
			ledger.commit();
			ledger.execute("INSERT INTO t SELECT NULL, randomblob(3000000) FROM " + rows(14));
			ledger.commit();
			ledger.execute("DELETE FROM t");
			ledger.execute("VACUUM");
			ledger.commit();
		}
		assertSame(file, storage, 3);
	}

	@Test
	void f11StoresADatabaseThatGrowsBeyondOneGibibyte() throws Exception {
		Path file = this.folder.resolve("app.db");
		// Fast to make: without journal and sync, and nearly all of it zeros
		execute(file, "PRAGMA page_size=4096", "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF",
				"CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)",
				"INSERT INTO t SELECT NULL, zeroblob(262144000) FROM " + rows(4),
				"INSERT INTO t VALUES (NULL, zeroblob(20000000))");
		assertThat(Files.size(file)).isBetween((1L << 30) - 10_000_000, 1L << 30);
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		ReplicatorSettings settings = ReplicatorSettings.of("app", file);
		try (TestDatabase database = TestDatabase.open(settings, storage); Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			ledger.execute("INSERT INTO t SELECT NULL, randomblob(1000000) FROM " + rows(12));
			ledger.commit();
		}
		assertThat(Files.size(file) + Files.size(file.resolveSibling("app.db-wal"))).isGreaterThan(1L << 30);
		assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertSame(file, storage, 2);
		// And once more with a snapshot that is above the lock page itself
		Path restored = this.folder.resolve("restored.db");
		TestDatabase.restore(storage, restored);
		FileReplicaStorage second = new FileReplicaStorage(this.folder.resolve("second"));
		try (TestDatabase database = TestDatabase.open(ReplicatorSettings.of("second", restored), second)) {
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		Path again = this.folder.resolve("again.db");
		TestDatabase.restore(second, again);
		assertThat(Files.mismatch(again, restored)).isEqualTo(-1);
	}

	private void assertSame(Path file, FileReplicaStorage storage, long last) throws Exception {
		List<StoredFile> files = storage.list(0);
		for (int i : new int[] { files.size() / 2, files.size() - 1 }) {
			Txid txid = files.get(i).key().name().max();
			Path ours = this.folder.resolve("ours-" + txid);
			Path theirs = this.folder.resolve("theirs-" + txid);
			new Restorer(storage).restore(RestoreRequest.latest(ours).to(txid));
			LitestreamBinary.current()
				.restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs, "-txid", txid.toString())
				.succeeded();
			assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
			Files.delete(theirs);
			if (i == files.size() - 1) {
				assertThat(Ledger.verify(ours)).isEqualTo(last);
				assertThat(dump(ours)).isEqualTo(dump(file));
			}
			Files.delete(ours);
		}
	}

	private static String rows(int count) {
		return "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " + count
				+ ") SELECT i FROM n)";
	}

	private static String dump(Path file) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(
						"SELECT count(*) || ' ' || coalesce(sum(id), 0) || ' ' || coalesce(sum(length(data)), 0) FROM t")) {
			rows.next();
			return rows.getString(1);
		}
	}

	private static void execute(Path file, String... statements) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
