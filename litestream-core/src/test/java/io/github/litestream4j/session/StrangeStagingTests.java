package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The staging folder is a place of its own: it may outlive its database, and come to lie
 * beside another one.
 */
class StrangeStagingTests {

	@TempDir
	Path folder;

	@Test
	void f31TheStagingOfAnotherDatabaseIsNotStored() throws Exception {
		Machine another = another();
		another.close();
		ReplicatorSettings settings = snapshotOnly();
		replaceStaging(settings, another.settings);
		String before = open(settings);
		assertThat(storedBeyondTheSnapshot()).isEmpty();
		assertRestores(before);
	}

	@Test
	void f31TheStagingOfAnotherDatabaseIsNotStoredInPlaceOfAMissingOne() throws Exception {
		Machine another = another();
		another.close();
		ReplicatorSettings settings = snapshotOnly();
		replaceStaging(settings, another.settings);
		delete(settings.database());
		delete(settings.database().resolveSibling("." + settings.database().getFileName() + "-litestream-id"));
		String restored = open(settings);
		assertThat(restored).isEqualTo("mine");
		assertThat(storedBeyondTheSnapshot()).isEmpty();
		assertRestores("mine");
	}

	@Test
	void f31WhatIsStagedForAnotherReplicaIsNotLost() throws Exception {
		Machine another = another();
		another.storage.hang(Operation.PUT_IF_ABSENT);
		another.commit(2);
		another.stage();
		Machine returned = another.breakDown("returned");
		ReplicatorSettings settings = snapshotOnly();
		delete(returned.settings.database());
		// The URL is that of the other database
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(returned.settings, RestoreSettings.DEFAULT, mine()))
			.withMessageContaining("go on with another replica")
			.withMessageContaining(returned.settings.stagingDirectory().toString());
		assertThat(returned.settings.database()).doesNotExist();
		assertThat(storedBeyondTheSnapshot()).isEmpty();
		assertThat(open(settings)).isEqualTo("mine");
		// The right one gets it
		returned.open();
		assertThat(Machine.entries(returned.settings.database())).isEqualTo(another.entries);
		returned.close();
	}

	@Test
	void f28WhatIsStagedIsStoredWhereTheReplicaHasLostItsIdentity() throws Exception {
		Machine machine = another();
		machine.storage.hang(Operation.PUT_IF_ABSENT);
		machine.commit(2);
		machine.stage();
		Machine returned = machine.breakDown("returned");
		delete(returned.settings.database());
		Files.delete(this.folder.resolve("another-replica/meta/replica.json"));
		returned.open();
		assertThat(Machine.entries(returned.settings.database())).isEqualTo(machine.entries);
		returned.close();
	}

	@Test
	void f31WhatIsKeptOfAnotherHistoryHealsNothing() throws Exception {
		Machine another = another();
		another.close();
		ReplicatorSettings settings = snapshotOnly();
		replaceStaging(settings, another.settings);
		// Proven by its whole content
		delete(settings.database().resolveSibling("." + settings.database().getFileName() + "-litestream-id"));
		open(settings);
		try (Stream<Path> kept = Files.list(settings.stagingDirectory().resolve("stored"))) {
			assertThat(kept).isEmpty();
		}
		assertRestores("mine");
	}

	private Machine another() throws Exception {
		Machine another = new Machine(this.folder, this.folder.resolve("another-replica"), "another");
		another.open();
		another.commit(4);
		another.sync();
		return another;
	}

	/** A database that is stored, and that nobody has written to since. */
	private ReplicatorSettings snapshotOnly() throws Exception {
		ReplicatorSettings settings = TestDatabase
			.settings(Files.createDirectory(this.folder.resolve("mine")).resolve("app.db"));
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + settings.database());
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE whose AS SELECT 'mine' AS name");
			statement.execute("CREATE TABLE more AS SELECT randomblob(50000) AS data");
		}
		open(settings);
		assertThat(storedBeyondTheSnapshot()).isEmpty();
		return settings;
	}

	private String open(ReplicatorSettings settings) throws Exception {
		DatabaseSession session = DatabaseSession.open(settings, RestoreSettings.DEFAULT, mine());
		session.replicator().start();
		session.replicator().sync(TestDatabase.TIMEOUT);
		String whose = whose(settings.database());
		session.close(Duration.ofSeconds(5));
		return whose;
	}

	private static String whose(Path database) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				var rows = statement.executeQuery("SELECT name FROM whose")) {
			return rows.getString(1);
		}
	}

	private List<Txid> storedBeyondTheSnapshot() {
		Txid snapshot = mine().list(LtxKey.SNAPSHOT_LEVEL).get(0).key().name().max();
		return mine().list(0)
			.stream()
			.filter((file) -> file.size() > 2000)
			.map(StoredFile::key)
			.map((key) -> key.name().max())
			.filter((txid) -> txid.isAfter(snapshot))
			.toList();
	}

	private void assertRestores(String expected) throws Exception {
		Path restored = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
		TestDatabase.restore(mine(), restored);
		assertThat(whose(restored)).isEqualTo(expected);
	}

	private FileReplicaStorage mine() {
		return new FileReplicaStorage(this.folder.resolve("replica"));
	}

	private static void replaceStaging(ReplicatorSettings settings, ReplicatorSettings from) throws Exception {
		delete(settings.stagingDirectory());
		try (Stream<Path> paths = Files.walk(from.stagingDirectory())) {
			for (Path path : paths.toList()) {
				Files.copy(path, settings.stagingDirectory().resolve(from.stagingDirectory().relativize(path)));
			}
		}
	}

	private static void delete(Path path) throws Exception {
		try (Stream<Path> paths = Files.walk(path)) {
			for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(one);
			}
		}
	}

}
