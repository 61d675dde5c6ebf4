package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Everything at once, by a seed that is printed: several writers, long transactions and
 * readers, VACUUM, another process that writes and checkpoints, a storage that fails, and
 * stops and restarts at any moment. What a restore gives is exactly the database, after
 * each round, and at each sync it has at least what was committed before.
 * <p>
 * {@code -Dtorture.seconds=N} for longer, {@code -Dtorture.seed=N} to begin with a seed.
 */
class TortureTests {

	private static final int SECONDS = Integer.getInteger("torture.seconds", 8);

	@TempDir
	Path folder;

	@Test
	void restoresWhatWasCommitted() throws Exception {
		long seed = Long.getLong("torture.seed", System.nanoTime());
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
		for (int round = 0; System.nanoTime() < end; round++, seed++) {
			System.out.println("torture seed " + seed);
			Path place = Files.createDirectory(this.folder.resolve("round-" + round));
			try {
				new Round(place, seed).run();
			}
			catch (Throwable ex) {
				throw new AssertionError("torture seed " + seed, ex);
			}
			delete(place);
		}
	}

	private static void delete(Path place) throws Exception {
		try (var paths = Files.walk(place)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

	/**
	 * One database and one replica.
	 */
	private static final class Round {

		private final Path place;

		private final Path file;

		private final Random random;

		private final FaultyStorage storage;

		private final ReplicatorSettings settings;

		/** Rows of each writer that are committed. */
		private final List<AtomicLong> committed = new ArrayList<>();

		private int restores;

		Round(Path place, long seed) {
			this.place = place;
			this.file = place.resolve("app.db");
			this.random = new Random(seed);
			this.storage = new FaultyStorage(new FileReplicaStorage(place.resolve("replica")));
			int pages = 1 + this.random.nextInt(100);
			this.settings = ReplicatorSettings.of("app", this.file)
				.withSyncInterval(Duration.ofMillis(this.random.nextInt(3) * 20L))
				.with(new CheckpointSettings(pages, Duration.ofMillis(1 + this.random.nextInt(1500)),
						pages + this.random.nextInt(500)));
			for (int i = 0; i < 3; i++) {
				this.committed.add(new AtomicLong());
			}
		}

		void run() throws Exception {
			int sessions = 2 + this.random.nextInt(3);
			Connection other = null;
			for (int i = 0; i < sessions; i++) {
				TestDatabase database = open();
				if (i == 0) {
					try (Connection connection = database.connect()) {
						execute(connection, "PRAGMA auto_vacuum=" + this.random.nextInt(3));
						execute(connection,
								"CREATE TABLE log(writer, seq, PRIMARY KEY(writer, seq)); CREATE TABLE churn(id INTEGER PRIMARY KEY, data)");
					}
				}
				boolean stored = session(database, other);
				if (stored) {
					compare();
				}
				other = null;
				if (this.random.nextInt(3) == 0) {
					other = direct();
					away(other);
				}
			}
			this.storage.heal();
			try (TestDatabase database = open()) {
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			compare();
			if (other != null) {
				other.close();
			}
		}

		private TestDatabase open() {
			while (true) {
				try {
					return TestDatabase.open(this.settings, this.storage);
				}
				catch (LitestreamException ex) {
					this.storage.heal();
				}
			}
		}

		/** Others write while nobody looks. */
		private void away(Connection other) throws SQLException {
			int steps = this.random.nextInt(5);
			for (int i = 0; i < steps; i++) {
				churn(other, this.random, 1 + this.random.nextInt(50_000));
				if (this.random.nextBoolean()) {
					execute(other, "PRAGMA wal_checkpoint(" + mode() + ")");
				}
			}
		}

		private String mode() {
			return List.of("PASSIVE", "FULL", "RESTART", "TRUNCATE").get(this.random.nextInt(4));
		}

		private boolean session(TestDatabase database, Connection other) throws Exception {
			if (this.random.nextBoolean()) {
				this.storage.failRandomly(this.random.nextDouble() * 0.5, this.random.nextLong());
			}
			long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200 + this.random.nextInt(2000));
			ExecutorService threads = Executors.newCachedThreadPool();
			List<Future<?>> all = new ArrayList<>();
			try {
				for (int i = 0; i < this.committed.size(); i++) {
					int writer = i;
					long seed = this.random.nextLong();
					all.add(threads.submit(call(() -> write(database, writer, new Random(seed), until))));
				}
				long seed = this.random.nextLong();
				all.add(threads.submit(call(() -> read(database, new Random(seed), until))));
				if (this.random.nextInt(2) == 0) {
					all.add(threads.submit(call(() -> foreign(new Random(seed), until))));
				}
				disturb(database, until);
				for (Future<?> one : all) {
					one.get();
				}
			}
			finally {
				threads.shutdown();
				if (other != null) {
					// After us, it would be the last one and remove the WAL
					other.close();
				}
			}
			if (this.random.nextBoolean()) {
				this.storage.heal();
			}
			if (this.random.nextInt(4) == 0) {
				this.storage.failAlways(this.random.nextBoolean() ? Operation.PUT : Operation.PUT_IF_ABSENT);
			}
			return database.session().close(Duration.ofMillis(50 + this.random.nextInt(8000)));
		}

		private static Callable<Void> call(Work work) {
			return () -> {
				work.run();
				return null;
			};
		}

		private void disturb(TestDatabase database, long until) throws Exception {
			while (System.nanoTime() < until) {
				switch (this.random.nextInt(8)) {
					case 0 -> {
						database.replicator().stop(Duration.ofMillis(this.random.nextInt(300)));
						pause(this.random.nextInt(50));
						database.replicator().start();
					}
					case 1 -> this.storage.loseAnswers(Operation.PUT_IF_ABSENT, 1 + this.random.nextInt(2));
					case 2 -> this.storage.failNext(Operation.PUT, 1 + this.random.nextInt(2));
					case 3, 4 -> syncAndCheck(database);
					default -> pause(this.random.nextInt(60));
				}
			}
		}

		private static void pause(int millis) throws InterruptedException {
			TimeUnit.MILLISECONDS.sleep(millis);
		}

		private void syncAndCheck(TestDatabase database) throws Exception {
			List<Long> before = this.committed.stream().map(AtomicLong::get).toList();
			Txid txid;
			try {
				txid = database.replicator().sync(Duration.ofMillis(500));
			}
			catch (LitestreamException ex) {
				return;
			}
			Path copy = restore();
			assertThat(query(copy, "PRAGMA integrity_check")).isEqualTo("ok");
			for (int i = 0; i < before.size(); i++) {
				String[] found = query(copy,
						"SELECT count(*) || ' ' || coalesce(max(seq), 0) FROM log WHERE writer = " + i)
					.split(" ");
				assertThat(found[0]).as("writer %d is whole at %s", i, txid).isEqualTo(found[1]);
				assertThat(Long.parseLong(found[1])).as("writer %d at %s", i, txid)
					.isGreaterThanOrEqualTo(before.get(i));
			}
		}

		private void write(TestDatabase database, int writer, Random random, long until) throws SQLException {
			AtomicLong last = this.committed.get(writer);
			try (Connection connection = database.connect()) {
				while (System.nanoTime() < until) {
					connection.setAutoCommit(false);
					execute(connection, "INSERT INTO log VALUES (" + writer + ", " + (last.get() + 1) + ")");
					churn(connection, random, random.nextInt(2000));
					if (random.nextInt(10) == 0) {
						execute(connection, "DELETE FROM churn WHERE id % 3 = " + random.nextInt(3));
					}
					if (random.nextInt(60) == 0) {
						churn(connection, random, random.nextInt(4_000_000));
					}
					if (random.nextInt(200) == 0) {
						churn(connection, random, 18_000_000);
					}
					if (random.nextInt(10) == 0) {
						connection.rollback();
					}
					else {
						connection.commit();
						last.incrementAndGet();
					}
					connection.setAutoCommit(true);
					if (random.nextInt(100) == 0) {
						execute(connection, "DELETE FROM churn");
						execute(connection, random.nextBoolean() ? "VACUUM" : "PRAGMA incremental_vacuum");
					}
				}
			}
		}

		private void read(TestDatabase database, Random random, long until) throws Exception {
			try (Connection connection = database.connect()) {
				while (System.nanoTime() < until) {
					execute(connection, "BEGIN");
					try (Statement statement = connection.createStatement();
							ResultSet rows = statement.executeQuery("SELECT count(*) FROM log")) {
						rows.next();
					}
					pause(random.nextInt(400));
					execute(connection, "COMMIT");
					pause(random.nextInt(200));
				}
			}
		}

		private void foreign(Random random, long until) {
			while (System.nanoTime() < until) {
				String sql = "PRAGMA busy_timeout=5000; " + switch (random.nextInt(3)) {
					case 0 -> "INSERT OR REPLACE INTO churn VALUES (" + random.nextInt(300) + ", randomblob("
							+ random.nextInt(9000) + "))";
					case 1 -> "PRAGMA wal_checkpoint(PASSIVE)";
					default -> "PRAGMA busy_timeout=20; PRAGMA wal_checkpoint(TRUNCATE)";
				};
				ChildProcess process = ChildProcess.start(List.of("sqlite3", this.file.toString(), sql), Map.of(),
						this.place, this.place.resolve("sqlite3.log"));
				assertThat(process.await(Duration.ofSeconds(30))).as(process::output).isZero();
			}
		}

		private Connection direct() throws SQLException {
			Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.file);
			execute(connection, "PRAGMA busy_timeout=10000");
			return connection;
		}

		private static void churn(Connection connection, Random random, int length) throws SQLException {
			byte[] data = new byte[length];
			random.nextBytes(data);
			try (PreparedStatement insert = connection.prepareStatement("INSERT OR REPLACE INTO churn VALUES (?, ?)")) {
				insert.setInt(1, random.nextInt(300));
				insert.setBytes(2, data);
				insert.executeUpdate();
			}
		}

		private Path restore() throws Exception {
			Path copy = Files.createDirectory(this.place.resolve("restore-" + this.restores++)).resolve("app.db");
			TestDatabase.restore(new FileReplicaStorage(this.place.resolve("replica")), copy);
			return copy;
		}

		/** Nobody writes: the copy is the database. */
		private void compare() throws Exception {
			List<Path> copies = new ArrayList<>(List.of(restore()));
			if (this.random.nextInt(3) == 0) {
				Path theirs = this.place.resolve("theirs-" + this.restores);
				LitestreamBinary.current()
					.restore(LitestreamBinary.url(this.place.resolve("replica")), theirs)
					.succeeded();
				copies.add(theirs);
			}
			for (Path copy : copies) {
				assertThat(query(copy, "PRAGMA integrity_check")).isEqualTo("ok");
				// Read-only: the last one to close would remove the WAL otherwise
				try (Connection connection = DriverManager
					.getConnection("jdbc:sqlite:file:" + this.file + "?mode=ro")) {
					execute(connection, "ATTACH '" + copy + "' AS copy");
					for (String table : List.of("log", "churn")) {
						assertThat(query(connection,
								("SELECT count(*) FROM (SELECT * FROM (SELECT * FROM main.%1$s EXCEPT SELECT * FROM copy.%1$s)"
										+ " UNION ALL SELECT * FROM (SELECT * FROM copy.%1$s EXCEPT SELECT * FROM main.%1$s))")
									.formatted(table)))
							.as("what differs in " + table + " of " + copy)
							.isEqualTo("0");
					}
				}
			}
		}

		private static void execute(Connection connection, String sql) throws SQLException {
			try (Statement statement = connection.createStatement()) {
				for (String one : sql.split(";")) {
					statement.execute(one);
				}
			}
		}

		private static String query(Path database, String sql) throws SQLException {
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
				return query(connection, sql);
			}
		}

		private static String query(Connection connection, String sql) throws SQLException {
			try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
				rows.next();
				return rows.getString(1);
			}
		}

		/** What a thread does. */
		private interface Work {

			void run() throws Exception;

		}

	}

}
