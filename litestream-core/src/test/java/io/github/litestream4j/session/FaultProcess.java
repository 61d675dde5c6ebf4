package io.github.litestream4j.session;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;

/**
 * An application under which the operating system fails for a while: it commits before,
 * during and after that, and prints what it saw. Each kind of fault is a real one, of the
 * kernel.
 */
final class FaultProcess {

	private static final Duration TIMEOUT = Duration.ofSeconds(40);

	private final Path database;

	private final Path staging;

	private final Path replica;

	private final List<AutoCloseable> held = new ArrayList<>();

	private FaultProcess(Path folder) {
		this.database = folder.resolve("data").resolve("app.db");
		this.staging = folder.resolve("staging");
		this.replica = folder.resolve("replica");
	}

	/**
	 * Live through a fault.
	 * @param arguments its kind and the folder
	 */
	public static void main(String[] arguments) throws Exception {
		new FaultProcess(Path.of(arguments[1])).run(Kind.valueOf(arguments[0]));
	}

	private void run(Kind kind) throws Exception {
		ReplicatorSettings settings = settings(this.database, this.staging);
		try (TestDatabase application = TestDatabase.open(settings, new FileReplicaStorage(this.replica));
				Connection connection = application.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			commit(ledger, 30);
			application.replicator().sync(TIMEOUT);
			if (kind == Kind.DESCRIPTORS) {
				// Later no class can be read from a folder: all that a failure needs is
				// loaded by another one
				live(Kind.STAGING_PERMISSION, application, ledger);
			}
			live(kind, application, ledger);
			commit(ledger, 30);
			application.replicator().sync(TIMEOUT);
			System.out.println("committed " + ledger.last());
		}
	}

	private void live(Kind kind, TestDatabase application, Ledger ledger) throws Exception {
		long before = application.replicator().status().errors().count();
		begin(kind);
		boolean refused = false;
		int commits = 0;
		try {
			while (!refused && commits++ < 50) {
				// More than the little that is left of a full disk
				ledger.execute("INSERT OR REPLACE INTO churn VALUES (%d, randomblob(150000))".formatted(commits));
				ledger.commit();
			}
		}
		catch (SQLException ex) {
			refused = true;
			System.out.println("refused " + ex.getMessage());
		}
		require(refused == (kind == Kind.DATABASE_DISK), "commits are " + (refused ? "refused" : "taken"));
		Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> kind == Kind.DATABASE_DISK
					|| application.replicator().status().errors().count() >= before + 3);
		ReplicationStatus status = application.replicator().status();
		if (kind != Kind.DATABASE_DISK) {
			require(status.state() == State.FAILING, "state " + status.state());
			require(!status.lag().isZero(), "lag " + status.lag());
			System.out.println("failing " + status.failure());
		}
		end(kind);
		application.replicator().sync(TIMEOUT);
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			ledger.commit();
			return application.replicator().status().state() == State.RUNNING;
		});
		System.out.println("last error " + application.replicator().status().lastError());
	}

	private void begin(Kind kind) throws Exception {
		switch (kind) {
			case STAGING_DISK -> fill(this.staging.resolve("ballast"));
			case DATABASE_DISK -> fill(this.database.resolveSibling("ballast"));
			case DESCRIPTORS -> exhaust();
			case STAGING_PERMISSION -> permit(this.staging, "r-xr-xr-x");
			case REPLICA_PERMISSION -> permit(this.replica, "r-xr-xr-x");
		}
	}

	private void end(Kind kind) throws Exception {
		switch (kind) {
			case STAGING_DISK -> Files.delete(this.staging.resolve("ballast"));
			case DATABASE_DISK -> Files.delete(this.database.resolveSibling("ballast"));
			case DESCRIPTORS -> {
				for (AutoCloseable one : this.held) {
					one.close();
				}
			}
			case STAGING_PERMISSION -> permit(this.staging, "rwxr-xr-x");
			case REPLICA_PERMISSION -> permit(this.replica, "rwxr-xr-x");
		}
	}

	private static void fill(Path ballast) throws IOException {
		try (OutputStream out = Files.newOutputStream(ballast)) {
			while (true) {
				out.write(new byte[1000]);
			}
		}
		catch (IOException ex) {
			System.out.println("full: " + ex.getMessage());
		}
	}

	private void exhaust() {
		try {
			while (true) {
				this.held.add(new FileInputStream("/dev/null"));
			}
		}
		catch (IOException ex) {
			System.out.println("exhausted: " + ex.getMessage());
		}
	}

	private static void permit(Path folder, String permissions) throws IOException {
		Files.setPosixFilePermissions(folder.resolve("ltx").resolve("0"), PosixFilePermissions.fromString(permissions));
	}

	private static void require(boolean condition, String found) {
		if (!condition) {
			throw new IllegalStateException(found);
		}
	}

	private static void commit(Ledger ledger, int count) throws SQLException {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

	static ReplicatorSettings settings(Path database, Path staging) {
		ReplicatorSettings common = ReplicatorSettings.of("app", database);
		return new ReplicatorSettings("app", common.database(), common.jdbcUrl(), Map.of(), staging, Duration.ZERO,
				common.busyTimeout(), new CheckpointSettings(50, Duration.ofSeconds(1), 1000));
	}

	/**
	 * Run it in a folder with the folders {@code data} and {@code staging}.
	 * @param wrapper what the command begins with
	 * @return what it printed
	 */
	static String run(Kind kind, List<String> wrapper, Path folder) {
		List<String> command = new ArrayList<>(wrapper);
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
				System.getProperty("java.class.path"), FaultProcess.class.getName(), kind.name(), folder.toString()));
		try (ChildProcess process = ChildProcess.start(command, Map.of(), folder, folder.resolve("child.log"))) {
			int status = process.await(Duration.ofSeconds(120));
			if (status != 0) {
				throw new AssertionError(kind + " ended with " + status + ":\n" + process.output());
			}
			return process.output();
		}
	}

	/**
	 * What fails.
	 */
	enum Kind {

		/** The disk of the staging folder is full. */
		STAGING_DISK,

		/** The disk of the database is full. */
		DATABASE_DISK,

		/** The process can open no file any more. */
		DESCRIPTORS,

		/** The staging folder may not be written. */
		STAGING_PERMISSION,

		/** The replica's folder may not be written. */
		REPLICA_PERMISSION

	}

}
