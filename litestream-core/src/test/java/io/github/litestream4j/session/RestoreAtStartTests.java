package io.github.litestream4j.session;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A start without its database file takes the replica's, or fails.
 */
class RestoreAtStartTests {

	@TempDir
	Path folder;

	private ReplicaStorage storage;

	private ReplicatorSettings settings;

	@BeforeEach
	void prepare() throws IOException {
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Path data = Files.createDirectory(this.folder.resolve("data"));
		this.settings = TestDatabase.settings(data.resolve("app.db"));
	}

	@Test
	void f45SqliteIsAskedAboutWhatWasRestored() throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database());
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
			statement.execute("INSERT INTO t (v) VALUES ('a')");
		}
		// Damaged before it is first stored, so that all checksums are those of the
		// damage
		try (RandomAccessFile file = new RandomAccessFile(this.settings.database().toFile(), "rw")) {
			file.seek(4096);
			file.write(new byte[] { 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55 });
		}
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		loseMachine();
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
			.withMessageContaining("quick_check");
		assertThat(this.settings.database()).doesNotExist();
	}

	@Test
	void f49AStartWithoutOneOfItsListingsBeginsNothing() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 10; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		List<Path> stored = stored();
		int listings = 0;
		boolean failed = true;
		while (failed) {
			loseMachine();
			listings++;
			failed = failsWithout(listings);
			if (failed) {
				// A listing after the restore may be the one
				if (Files.exists(this.settings.database())) {
					assertThat(Ledger.verify(this.settings.database())).isEqualTo(10);
				}
				assertThat(stored()).isEqualTo(stored);
			}
		}
		assertThat(listings).as("those that a start needs").isGreaterThan(10);
		assertThat(Ledger.verify(this.settings.database())).isEqualTo(10);
	}

	/**
	 * Open it once, with one listing that fails.
	 * @return whether that failed, rather than the start having no need of it
	 */
	private boolean failsWithout(int listing) {
		AtomicInteger count = new AtomicInteger();
		ReplicaStorage failing = new ForwardingStorage(this.storage) {

			@Override
			public List<StoredFile> list(int level) {
				List<StoredFile> files = super.list(level);
				if (count.incrementAndGet() == listing) {
					throw new StorageUnavailableException("the answer to listing " + listing + " was lost");
				}
				return files;
			}

		};
		try {
			DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, failing);
			assertThat(session.restored()).as("what listing %d is not needed for", listing).isPresent();
			assertThat(session.close(TestDatabase.TIMEOUT)).isTrue();
			return false;
		}
		catch (StorageUnavailableException ex) {
			assertThat(ex).hasMessageContaining("the answer to listing");
			return true;
		}
	}

	private List<Path> stored() throws IOException {
		try (Stream<Path> files = Files.walk(this.folder.resolve("replica"))) {
			return files.filter(Files::isRegularFile).sorted().toList();
		}
	}

	/** The database, its identity and the staging folder. */
	private void loseMachine() throws IOException {
		try (Stream<Path> files = Files.walk(this.settings.database().getParent())) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				Files.delete(file);
			}
		}
	}

}
