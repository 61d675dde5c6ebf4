package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.restore.LitestreamFixture;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A database that Litestream 0.3 has stored goes on in the same replica.
 */
class LegacyTakeoverTests {

	private static final LitestreamFixture FIXTURE = LitestreamFixture.legacy("basic");

	@TempDir
	Path folder;

	static List<LitestreamFixture> fixtures() {
		return LitestreamFixture.allLegacy();
	}

	@ParameterizedTest
	@MethodSource("fixtures")
	void goesOnInTheSameReplica(LitestreamFixture fixture) throws Exception {
		Path replica = copy(fixture);
		Machine first = new Machine(this.folder, replica, "first");
		first.open();
		assertThat(restored(first).txid()).isEqualTo(Txid.ZERO);
		assertThat(rows(first)).isEqualTo(fixture.expected().at("/latest/tables/note/rows").asInt());
		first.commit(5);
		first.execute("DELETE FROM note WHERE rowid = (SELECT max(rowid) FROM note)");
		first.sync();
		assertThat(first.session().replicator().generations()).extracting(Generation::reason)
			.containsExactly("litestream-0.3");
		Machine second = lose(first, replica, "second");
		second.open();
		assertThat(restored(second).txid()).isNotEqualTo(Txid.ZERO);
		assertThat(second.entries).isEqualTo(first.entries).hasSize(5);
		assertThat(rows(second)).isEqualTo(fixture.expected().at("/latest/tables/note/rows").asInt() - 1);
		second.commit(5);
		second.sync();
		assertThat(second.session().replicator().generations()).hasSize(1);
		second.close();
		Path theirs = this.folder.resolve("theirs.db");
		LitestreamBinary.current().restore(LitestreamBinary.url(replica), theirs).succeeded();
		assertThat(Machine.entries(theirs)).isEqualTo(second.entries);
	}

	@Test
	void goesOnAboveAnOlderHistoryWhateverTheClocksSay() throws Exception {
		Path replica = this.folder.resolve("replica");
		Txid newest = writeOlderHistory(replica);
		moveTo(Instant.now().plus(Duration.ofHours(1)), FIXTURE.copyTo(this.folder));
		Machine first = new Machine(this.folder, replica, "first");
		first.open();
		assertThat(restored(first).takeover().after()).isEqualTo(newest);
		assertThat(first.entries).isEmpty();
		first.commit(3);
		first.sync();
		assertThat(first.storage.list(0).get(first.storage.list(0).size() - 1).key().name().max().isAfter(newest))
			.isTrue();
		Machine second = lose(first, replica, "second");
		second.open();
		assertThat(restored(second).takeover()).isNull();
		assertThat(second.entries).isEqualTo(first.entries).hasSize(3);
		assertThat(rows(second)).isEqualTo(9);
		second.close();
	}

	@Test
	void beginsAgainWhereItWasBeforeTheFirstSnapshot() throws Exception {
		Path replica = this.folder.resolve("replica");
		Txid newest = writeOlderHistory(replica);
		moveTo(Instant.now().minusMillis(1), FIXTURE.copyTo(this.folder));
		moveLtxTo(Instant.now().minusSeconds(10), replica);
		Machine first = new Machine(this.folder, replica, "first");
		first.storage.failAlways(Operation.PUT);
		first.open();
		assertThat(restored(first).takeover().after()).isEqualTo(newest);
		// The old history is shut, by a file that is newer than all others
		Awaitility.await()
			.atMost(TestDatabase.TIMEOUT)
			.until(() -> first.storage.list(0).stream().anyMatch((file) -> file.key().name().max().isAfter(newest)));
		Machine second = lose(first, replica, "second");
		second.open();
		assertThat(restored(second).takeover()).isNotNull();
		assertThat(rows(second)).isEqualTo(9);
		second.commit(4);
		second.sync();
		Machine third = lose(second, replica, "third");
		third.open();
		assertThat(restored(third).takeover()).isNull();
		assertThat(third.entries).isEqualTo(second.entries).hasSize(4);
		third.close();
	}

	@Test
	void takesOverAgainWhatLitestream03HasWrittenSince() throws Exception {
		Path replica = copy(FIXTURE);
		Machine first = new Machine(this.folder, replica, "first");
		first.open();
		first.commit(2);
		first.sync();
		Machine second = lose(first, replica, "second");
		// The older version was used once more
		Path copy = LitestreamFixture.legacy("shrink").copyTo(Files.createDirectory(this.folder.resolve("shrink")));
		moveTo(Instant.now().plusSeconds(1), copy);
		try (Stream<Path> generations = Files.list(copy.resolve("generations"))) {
			for (Path generation : (Iterable<Path>) generations::iterator) {
				Files.move(generation, replica.resolve("generations").resolve(generation.getFileName()));
			}
		}
		second.open();
		assertThat(restored(second).takeover()).isNotNull();
		assertThat(rows(second)).isEqualTo(20);
		assertThat(second.entries).isEmpty();
		second.commit(3);
		second.sync();
		Machine third = lose(second, replica, "third");
		third.open();
		assertThat(third.entries).isEqualTo(second.entries).hasSize(3);
		third.close();
	}

	@Test
	void aDatabaseThatIsThereJustGoesOn() throws Exception {
		Path replica = copy(FIXTURE);
		Machine first = new Machine(this.folder, replica, "first");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + first.settings.database());
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE note(x)");
			statement.execute("INSERT INTO note VALUES (1)");
		}
		first.open();
		assertThat(first.session().restored()).isEmpty();
		first.commit(2);
		first.sync();
		// The replica was copied, and its times are lost
		moveTo(Instant.now().plus(Duration.ofHours(1)), replica);
		Machine second = lose(first, replica, "second");
		second.open();
		assertThat(second.entries).isEqualTo(first.entries).hasSize(2);
		assertThat(rows(second)).isEqualTo(1);
		second.close();
	}

	@Test
	void aDatabaseDoesNotAppearBeforeItIsNotedWhereItsHistoryCameFrom() throws Exception {
		Path replica = this.folder.resolve("replica");
		writeOlderHistory(replica);
		moveTo(Instant.now().plus(Duration.ofHours(1)), FIXTURE.copyTo(this.folder));
		Machine first = new Machine(this.folder, replica, "first");
		first.storage.failNext(Operation.PUT_META, 1);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(first::open);
		assertThat(first.settings.database()).doesNotExist();
		first.open();
		assertThat(restored(first).takeover()).isNotNull();
		assertGoesOn(first, replica);
	}

	@Test
	void aFirstStartThatWasKilledIsMadeUpFor() throws Exception {
		Path replica = copy(FIXTURE);
		Machine first = new Machine(this.folder, replica, "first");
		// As it is when a kill comes right after the restore
		new Restorer(first.storage).restore(RestoreRequest.latest(first.settings.database()));
		Files.createDirectories(first.settings.stagingDirectory());
		Files.createFile(first.settings.stagingDirectory().resolve("position"));
		first.open();
		assertThat(first.session().restored()).isEmpty();
		assertGoesOn(first, replica);
	}

	/** Although the old files are the newer ones by their times. */
	private void assertGoesOn(Machine first, Path replica) throws Exception {
		first.commit(3);
		first.sync();
		moveTo(Instant.now().plus(Duration.ofHours(1)), replica);
		Machine second = lose(first, replica, "second");
		second.open();
		assertThat(restored(second).takeover()).isNull();
		assertThat(second.entries).isEqualTo(first.entries).hasSize(3);
		second.close();
	}

	@Test
	void aDamagedNoteIsNamed() throws Exception {
		Path replica = copy(FIXTURE);
		Machine first = new Machine(this.folder, replica, "first");
		first.open();
		first.commit(1);
		first.sync();
		Machine second = lose(first, replica, "second");
		try (Stream<Path> notes = Files.list(replica.resolve("meta/litestream-0.3"))) {
			Path note = notes.toList().get(0);
			byte[] bytes = Files.readAllBytes(note);
			bytes[5] ^= 1;
			Files.write(note, bytes);
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(second::open)
				.withMessageContainingAll("meta/litestream-0.3/" + note.getFileName(), "Remove it");
			Files.delete(note);
		}
		second.open();
		assertThat(second.entries).isEqualTo(first.entries);
		second.close();
	}

	/** Whatever the clock of the machine says that runs the test. */
	private Path copy(LitestreamFixture fixture) throws IOException {
		Path replica = fixture.copyTo(this.folder);
		moveTo(Instant.now().minusSeconds(60), replica);
		return replica;
	}

	/**
	 * The machine breaks down, and another one begins with nothing.
	 */
	private Machine lose(Machine machine, Path replica, String name) throws Exception {
		machine.storage.failEverything();
		machine.close();
		return new Machine(this.folder, replica, name);
	}

	private Txid writeOlderHistory(Path replica) throws Exception {
		Machine older = new Machine(this.folder, replica, "older");
		older.open();
		older.commit(4);
		older.sync();
		List<StoredFile> files = older.storage.list(0);
		Txid newest = files.get(files.size() - 1).key().name().max();
		older.storage.failEverything();
		older.close();
		return newest;
	}

	private static RestoreResult restored(Machine machine) {
		return machine.session().restored().orElseThrow();
	}

	private static int rows(Machine machine) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + machine.settings.database());
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*) FROM note")) {
			return rows.getInt(1);
		}
	}

	/** Move all times of Litestream 0.3's files so that the newest is a given one. */
	private static void moveTo(Instant newest, Path replica) throws IOException {
		move(newest, replica.resolve("generations"));
	}

	private static void moveLtxTo(Instant newest, Path replica) throws IOException {
		for (int level : new int[] { 0, LtxKey.SNAPSHOT_LEVEL }) {
			move(newest, replica.resolve("ltx/" + level));
		}
	}

	private static void move(Instant newest, Path folder) throws IOException {
		List<Path> files;
		try (Stream<Path> walk = Files.walk(folder)) {
			files = walk.filter(Files::isRegularFile).toList();
		}
		long last = 0;
		for (Path file : files) {
			last = Math.max(last, Files.getLastModifiedTime(file).toMillis());
		}
		for (Path file : files) {
			long age = last - Files.getLastModifiedTime(file).toMillis();
			Files.setLastModifiedTime(file, FileTime.from(newest.minusMillis(age)));
		}
	}

}
