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
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;

/**
 * A machine with an application on it, which may break down and come back, or be copied.
 */
final class Machine {

	final String name;

	final ReplicatorSettings settings;

	final FaultyStorage storage;

	/** What this machine has committed, or has restored. */
	final List<String> entries = new ArrayList<>();

	private final Path folder;

	private final Path replica;

	private DatabaseSession session;

	private Connection connection;

	Machine(Path folder, Path replica, String name) throws Exception {
		this.folder = folder;
		this.replica = replica;
		this.name = name;
		Path home = Files.createDirectory(folder.resolve(name));
		// One process has each replica once
		Path link = Files.createSymbolicLink(home.resolve("replica"), Files.createDirectories(replica));
		this.settings = TestDatabase.settings(home.resolve("app.db"));
		this.storage = new FaultyStorage(new FileReplicaStorage(link));
	}

	/**
	 * The disk as it is at this moment, in a machine that starts again: what is not
	 * written by now was never written. This one reaches nothing any more.
	 */
	Machine breakDown(String name) throws Exception {
		Machine again = copy(name, true);
		this.storage.failEverything();
		List.of(Operation.values()).forEach(this.storage::release);
		close();
		return again;
	}

	/**
	 * A machine with a copy of this one's database.
	 * @param staging whether with the staging folder too
	 */
	Machine copy(String name, boolean staging) throws Exception {
		Machine copy = new Machine(this.folder, this.replica, name);
		copyFiles(copy, this.settings.database().getParent(), 1);
		if (staging) {
			copyFiles(copy, this.settings.stagingDirectory(), Integer.MAX_VALUE);
		}
		copy.entries.addAll(this.entries);
		return copy;
	}

	private void copyFiles(Machine copy, Path from, int depth) throws Exception {
		Path home = this.settings.database().getParent();
		try (Stream<Path> files = Files.walk(from, depth)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				if (!file.toString().endsWith("-shm")) {
					Path target = copy.settings.database().resolveSibling(home.relativize(file));
					Files.createDirectories(target.getParent());
					Files.copy(file, target);
				}
			}
		}
	}

	void open() throws Exception {
		DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage);
		session.replicator().start();
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database());
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("PRAGMA busy_timeout=5000");
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("CREATE TABLE IF NOT EXISTS entries(seq INTEGER PRIMARY KEY, writer TEXT, data BLOB)");
		}
		this.session = session;
		if (this.entries.isEmpty()) {
			this.entries.addAll(entries(this.settings.database()));
		}
	}

	/**
	 * Open, commit and store.
	 */
	Machine begun(int commits) throws Exception {
		open();
		commit(commits);
		sync();
		return this;
	}

	/**
	 * Begin, and end.
	 */
	Machine gone(int commits) throws Exception {
		begun(commits).close();
		return this;
	}

	/**
	 * Open, and hang in the first call of an operation.
	 */
	void openHanging(Operation operation) throws Exception {
		this.storage.hang(operation);
		open();
		Awaitility.await().until(() -> this.storage.calls(operation) > 0);
	}

	DatabaseSession session() {
		return this.session;
	}

	/** Each entry goes to a page of its own, and to the index of them all. */
	void commit(int count) throws SQLException {
		try (PreparedStatement insert = this.connection
			.prepareStatement("INSERT INTO entries VALUES (?, ?, randomblob(5000))")) {
			for (int i = 0; i < count; i++) {
				long seq = this.entries.size() + 1;
				insert.setLong(1, seq);
				insert.setString(2, this.name);
				insert.executeUpdate();
				this.entries.add(seq + this.name);
				this.session.replicator().commitBegins();
			}
		}
	}

	void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	void sync() {
		this.session.replicator().sync(TestDatabase.TIMEOUT);
	}

	/** Capture everything, and store none of it. */
	void stage() {
		try {
			this.session.replicator().sync(Duration.ofMillis(200));
			throw new AssertionError("it was stored");
		}
		catch (StorageUnavailableException | ConflictException ex) {
			// It is staged now
		}
	}

	boolean isFenced() {
		return this.session != null && this.session.replicator().status().state() == State.FENCED;
	}

	void awaitFenced() {
		Awaitility.await().atMost(TestDatabase.TIMEOUT).until(this::isFenced);
	}

	void close() throws SQLException {
		if (this.connection != null) {
			this.connection.close();
			this.session.close(Duration.ofMillis(500));
			this.connection = null;
		}
	}

	static List<String> entries(Path database) throws SQLException {
		return query(database, "SELECT seq || writer FROM entries ORDER BY seq");
	}

	/** The end of each entry's data, which is on a page of its own. */
	static List<String> data(Path database) throws SQLException {
		return query(database, "SELECT hex(substr(data, -8)) FROM entries ORDER BY seq");
	}

	private static List<String> query(Path database, String sql) throws SQLException {
		List<String> values = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			while (rows.next()) {
				values.add(rows.getString(1));
			}
		}
		return values;
	}

}
