package io.github.litestream4j.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConflictException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;

/**
 * An application in a process of its own, which keeps a ledger until it is told to be
 * quiet or to stop, or is killed. Its two pools share the database.
 */
final class LedgerApplication {

	private static final Duration LONG = Duration.ofSeconds(60);

	private final ApplicationSettings settings;

	private final Journal.Writer journal;

	private final Random random;

	private final FaultyStorage storage;

	private final List<Thread> threads = new ArrayList<>();

	private final BlockingQueue<String> commands = new LinkedBlockingQueue<>();

	private volatile boolean working = true;

	private Duration patience = LONG;

	private Entry last = Entry.NONE;

	private LedgerApplication(ApplicationSettings settings, ReplicaStorage storage) throws IOException {
		this.settings = settings;
		this.journal = new Journal.Writer(settings.journal());
		this.random = new Random(settings.seed());
		this.storage = new FaultyStorage(storage);
		this.storage.failRandomly(settings.failures() / 100.0, settings.seed());
		this.storage.slowPuts(Duration.ofMillis(settings.slowPuts()));
	}

	public static void main(String[] arguments) throws Exception {
		ApplicationSettings settings = ApplicationSettings.parse(arguments);
		ReplicaStorage storage = settings.isS3() ? S3Place.storage(settings)
				: new FileReplicaStorage(Path.of(settings.replica()));
		LedgerApplication application = new LedgerApplication(settings, storage);
		try {
			application.run();
		}
		catch (Throwable ex) {
			application.failed(ex);
		}
		Runtime.getRuntime().halt(0);
	}

	private void run() throws Exception {
		Thread listener = new Thread(this::listen, "listener");
		listener.setDaemon(true);
		listener.start();
		DatabaseSession session = open();
		session.replicator().start();
		try (HikariDataSource first = pool(session, "first"); HikariDataSource second = pool(session, "second")) {
			try (Connection connection = first.getConnection()) {
				this.journal.opened(LedgerCheck.of(connection, "the live database"));
			}
			for (int i = 0; i < this.settings.threads(); i++) {
				HikariDataSource pool = (i % 2 == 0) ? first : second;
				Random own = new Random(this.random.nextLong());
				start(() -> write(pool, own));
			}
			Random own = new Random(this.random.nextLong());
			if (this.settings.reader()) {
				start(() -> read(second, own));
			}
			start(() -> acknowledge(first, session));
			obey(first, session);
		}
		// As Spring does: the pools first
		boolean stored = session.close(this.patience);
		this.journal.closed(stored, this.last);
	}

	private DatabaseSession open() throws InterruptedException {
		while (true) {
			try {
				return DatabaseSession.open(this.settings.replication(), RestoreSettings.DEFAULT, this.storage);
			}
			catch (StorageUnavailableException ex) {
				// As the platform does with an application that cannot start
				this.journal.refused(String.valueOf(ex.getMessage()));
				TimeUnit.MILLISECONDS.sleep(20);
			}
		}
	}

	private HikariDataSource pool(DatabaseSession session, String name) {
		HikariConfig config = new HikariConfig();
		config.setPoolName(name);
		config.setMaximumPoolSize(4);
		config.setMinimumIdle(0);
		config.setDataSource(new LitestreamDataSource(SqliteUrl.of(this.settings.database()),
				new ConnectionSettings(Duration.ofSeconds(5), this.settings.checkpointPages() + 500),
				() -> session.replicator().commitBegins()));
		return new HikariDataSource(config);
	}

	private void start(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (Throwable ex) {
				failed(ex);
			}
		});
		this.threads.add(thread);
		thread.start();
	}

	private void failed(Throwable ex) {
		ex.printStackTrace();
		this.journal.failed(ex.toString());
	}

	private void write(HikariDataSource pool, Random random) throws Exception {
		while (this.working) {
			try (Connection connection = pool.getConnection()) {
				LedgerWriter writer = new LedgerWriter(connection, this.journal, random, this.settings.bigOnes());
				for (int i = random.nextInt(20); i >= 0 && this.working; i--) {
					writer.write();
				}
				if (random.nextInt(4) == 0) {
					writer.maintain();
				}
			}
			catch (SQLException ex) {
				requireBusy(ex);
			}
			TimeUnit.MILLISECONDS.sleep(random.nextInt((random.nextInt(3) == 0) ? 40 : 10));
		}
	}

	private static void requireBusy(SQLException ex) throws SQLException {
		int code = ex.getErrorCode() & 0xff;
		if (code != 5 && code != 6) {
			throw ex;
		}
	}

	private void read(HikariDataSource pool, Random random) throws Exception {
		while (this.working) {
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				statement.execute("BEGIN");
				Entry seen = LedgerCheck.last(statement);
				for (int i = random.nextInt(80); i >= 0 && this.working; i--) {
					TimeUnit.MILLISECONDS.sleep(10);
				}
				if (!LedgerCheck.last(statement).equals(seen)) {
					throw new Violation("a reader saw " + seen + " and then " + LedgerCheck.last(statement));
				}
				statement.execute("COMMIT");
			}
			TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
		}
	}

	private void acknowledge(HikariDataSource pool, DatabaseSession session) throws Exception {
		while (this.working) {
			long seq = last(pool).seq();
			try {
				session.replicator().sync(Duration.ofMillis(500));
				this.journal.stored(seq);
			}
			catch (ConflictException | ReplicationStoppedException | StorageUnavailableException ex) {
				TimeUnit.MILLISECONDS.sleep(10);
			}
			TimeUnit.MILLISECONDS.sleep(20);
		}
	}

	private static Entry last(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
			return LedgerCheck.last(statement);
		}
	}

	/** Its owner dies first only by accident. */
	private void listen() {
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		try {
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				if (line.equals("heal")) {
					this.storage.heal();
				}
				else {
					this.commands.add(line);
				}
			}
		}
		catch (IOException ex) {
			ex.printStackTrace();
		}
		Runtime.getRuntime().halt(1);
	}

	private void obey(HikariDataSource pool, DatabaseSession session) throws Exception {
		while (true) {
			String[] words = this.commands.take().split(" ");
			rest();
			this.last = last(pool);
			if (words[0].equals("stop")) {
				this.patience = Duration.ofMillis(Long.parseLong(words[1]));
				session.replicator().stop(this.patience);
				return;
			}
			session.replicator().sync(LONG);
			this.journal.quiet(this.last);
		}
	}

	private void rest() throws InterruptedException {
		this.working = false;
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	/** What a thread does. */
	private interface Work {

		void run() throws Exception;

	}

}
