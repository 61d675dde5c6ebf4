package io.github.litestream4j.restore;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is chosen among the files of Litestream 0.3.
 */
class LegacyRestoreTests extends AbstractLegacyRestoreTests {

	@Test
	void f46FindsEachStateAmongManyGenerations() throws IOException {
		for (LitestreamFixture fixture : LitestreamFixture.allLegacy()) {
			if (!fixture.equals(FIXTURE)) {
				addGenerationsOf(fixture);
			}
		}
		// A store may list as it likes
		ReplicaStorage unsorted = new InterceptedStorage(this.storage).listingLegacy((files) -> {
			assertThat(files.stream().map(LegacyFile::generation).distinct()).hasSize(6);
			return shuffled(files);
		});
		JsonNode newest = null;
		for (LitestreamFixture fixture : LitestreamFixture.allLegacy()) {
			JsonNode expected = fixture.expected();
			for (JsonNode state : expected.get("by_timestamp")) {
				assertRestores(unsorted, Instant.parse(state.get("timestamp").asString()), state);
			}
			newest = (newest == null || end(expected).isAfter(end(newest))) ? expected : newest;
		}
		assertRestores(unsorted, null, newest.get("latest"));
	}

	private static Instant end(JsonNode expected) {
		return Instant.ofEpochMilli(expected.get("mtimes_ms")
			.properties()
			.stream()
			.mapToLong((time) -> time.getValue().asLong())
			.max()
			.orElseThrow());
	}

	@Test
	void f46RestoresAGenerationThatIsNothingButASnapshot() throws IOException {
		String latest = restore(this.storage, null);
		Path snapshot = this.replica.resolve("generations/ffffffffffffffff/snapshots/00000000.snapshot.lz4");
		write(snapshot, lz4(Files.readAllBytes(this.target)));
		Files.delete(this.target);
		assertThat(restore(this.storage, null)).isEqualTo(latest);
		Files.delete(this.target);
		// The same without anything else
		for (Path file : files(this.replica)) {
			if (!file.equals(snapshot)) {
				Files.delete(file);
			}
		}
		assertThat(restore(this.storage, null)).isEqualTo(latest);
		assertThat(restore(this.storage, Files.getLastModifiedTime(snapshot).toInstant())).isEqualTo(latest);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> restore(this.storage, Instant.parse("2020-01-01T00:00:00Z")))
			.withMessageContainingAll("2020-01-01", "the first that it can give", "00000000.snapshot.lz4");
	}

	@Test
	void f46PassesAGenerationOverThatHasNoSnapshot() throws IOException {
		write(this.replica.resolve("generations/ffffffffffffffff/wal/00000000_00000000.wal.lz4"), lz4(new byte[32]));
		assertRestores(this.storage, null, FIXTURE.expected().get("latest"));
	}

	@Test
	void f46NoSnapshotAtAllIsAnErrorAndNoAbsence() throws IOException {
		for (Path file : files(this.replica)) {
			if (file.toString().endsWith(".snapshot.lz4")) {
				Files.delete(file);
			}
		}
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContainingAll("not one snapshot", "'generations'");
		assertThat(this.target).doesNotExist();
	}

	@Test
	void f46EndsWhenTheLastSnapshotIsNewerThanEveryWal() throws IOException {
		List<Path> newest = files(this.replica).stream()
			.filter((file) -> file.getFileName().toString().startsWith("00000006"))
			.toList();
		assertThat(newest).hasSize(2);
		String latest = restore(this.storage, null);
		Files.delete(newest.stream().filter((file) -> file.toString().contains(".wal.")).findFirst().orElseThrow());
		restore(this.storage, null);
		try (Stream<String> rows = rows(this.target)) {
			assertThat(rows).hasSize(FIXTURE.expected().at("/latest/tables/note/rows").asInt());
		}
		assertThat(latest).isNotEmpty();
	}

	@Test
	void outlivesFailuresOfTheStorage() throws IOException {
		String latest = restore(this.storage, null);
		onlyTheFirstSnapshot();
		FaultyStorage faulty = new FaultyStorage(this.storage);
		faulty.failNext(Operation.READ, 3);
		faulty.cutReads(4, 100);
		assertThat(restore(faulty, null)).isEqualTo(latest);
		Files.delete(this.target);
		faulty.failNext(Operation.LIST, 1);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> restore(faulty, null));
		assertThat(this.target.getParent()).isEmptyDirectory();
	}

	@Test
	void plansAgainWhenRetentionTakesAFileAway() throws IOException {
		String latest = restore(this.storage, null);
		ReplicaStorage first = new InterceptedStorage(this.storage).listingLegacy(new UnaryOperator<>() {

			private boolean again;

			@Override
			public List<LegacyFile> apply(List<LegacyFile> files) {
				if (this.again) {
					return files;
				}
				this.again = true;
				List<LegacyFile> more = new ArrayList<>(files);
				more.add(LegacyFile
					.parse("ffffffffffffffff", "snapshots", "00000001.snapshot.lz4", 10,
							Instant.now().plus(Duration.ofDays(1)))
					.orElseThrow());
				return more;
			}

		});
		assertThat(restore(first, null)).isEqualTo(latest);
	}

	@Test
	void restoresWhatIsNewer() throws IOException {
		String latest = restore(this.storage, null);
		byte[] other = TestReplica.database(this.folder.resolve("other.db"), "CREATE TABLE other(x)");
		TestReplica ltx = new TestReplica(this.replica).snapshot(7, other, 4096);
		Path file = this.replica.resolve("ltx/9/0000000000000001-0000000000000007.ltx");
		Instant newest = Instant.parse(FIXTURE.expected().at("/by_timestamp/5/timestamp").asString());
		Files.setLastModifiedTime(file, FileTime.from(newest.plusSeconds(100)));
		restore(ltx.storage(), null);
		assertThat(Files.readAllBytes(this.target)).isEqualTo(other);
		assertThat(restore(ltx.storage(), newest))
			.isEqualTo(FIXTURE.expected().at("/by_timestamp/5/file_sha256").asString());
		Files.setLastModifiedTime(file, FileTime.from(newest.minusSeconds(100)));
		assertThat(restore(ltx.storage(), null)).isEqualTo(latest);
		assertThat(restore(ltx.storage(), newest))
			.isEqualTo(FIXTURE.expected().at("/by_timestamp/5/file_sha256").asString());
		restore(ltx.storage(), newest.minusSeconds(99));
		assertThat(Files.readAllBytes(this.target)).isEqualTo(other);
	}

	private void addGenerationsOf(LitestreamFixture fixture) throws IOException {
		Path copy = fixture.copyTo(Files.createDirectory(this.folder.resolve(fixture.name())));
		try (Stream<Path> generations = Files.list(copy.resolve("generations"))) {
			for (Path generation : (Iterable<Path>) generations::iterator) {
				Files.move(generation, this.replica.resolve("generations").resolve(generation.getFileName()));
			}
		}
	}

	private void assertRestores(ReplicaStorage storage, Instant time, JsonNode expected) throws IOException {
		assertThat(restore(storage, time)).as(String.valueOf(time)).isEqualTo(expected.get("file_sha256").asString());
	}

	private static Stream<String> rows(Path database) throws IOException {
		List<String> rows = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet found = statement.executeQuery("SELECT * FROM note")) {
			while (found.next()) {
				rows.add(found.getString(1));
			}
		}
		catch (SQLException ex) {
			throw new IOException(ex);
		}
		return rows.stream();
	}

	private static <T> List<T> shuffled(List<T> list) {
		List<T> shuffled = new ArrayList<>(list);
		Collections.shuffle(shuffled, new Random(3));
		return shuffled;
	}

	private static void write(Path file, byte[] bytes) throws IOException {
		Files.createDirectories(file.getParent());
		Files.write(file, bytes);
		// Newer than all that Litestream wrote
		Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));
	}

}
