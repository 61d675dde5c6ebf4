package io.github.litestream4j.restore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Lz4Stream;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is chosen among the files of Litestream 0.3, and what is refused.
 */
class LegacyRestoreTests {

	private static final LitestreamFixture FIXTURE = LitestreamFixture.legacy("basic");

	@TempDir
	private Path folder;

	private Path target;

	private Path replica;

	private ReplicaStorage storage;

	@BeforeEach
	void setUp() throws IOException {
		this.target = Files.createDirectory(this.folder.resolve("data")).resolve("app.db");
		this.replica = FIXTURE.copyTo(this.folder);
		this.storage = new FileReplicaStorage(this.replica);
	}

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
	void f47AMissingWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000004_00000000.wal.lz4", "00000004_00001038.wal.lz4");
		assertGap("the WAL 00000004 is missing", "00000005_00000000.wal.lz4");
	}

	@Test
	void f47AMissingStartOfAWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000003_00000000.wal.lz4");
		assertGap("the WAL 00000003 lacks its first 4152 bytes", "00000003_00001038.wal.lz4");
	}

	@Test
	void f47AMissingFirstWalIsAGap() throws IOException {
		onlyTheFirstSnapshot();
		delete("00000001_00000000.wal.lz4", "00000001_00001038.wal.lz4");
		assertGap("the WAL 00000001 is missing", "00000002_00000000.wal.lz4");
	}

	@Test
	void f47AMissingPartOfAWalIsAGap() throws IOException {
		Path many = LitestreamFixture.legacy("many-small").copyTo(Files.createDirectory(this.folder.resolve("many")));
		this.storage = new FileReplicaStorage(many);
		for (Path file : files(many)) {
			String name = file.getFileName().toString();
			if (name.equals("00000001_00001038.wal.lz4") || name.matches("0000000[35]\\.snapshot\\.lz4")) {
				Files.delete(file);
			}
		}
		assertGap("expected the WAL 00000001 to go on at offset 4152", "00000001_00021338.wal.lz4");
	}

	@Test
	void f47AMissingEndOfAWalIsAGapWhenATransactionHadNotEnded() throws IOException {
		onlyTheFirstSnapshot();
		// Cut within a transaction, as a part may be when it was stored while it was
		// written
		Path part = find("00000002_00001038.wal.lz4");
		byte[] bytes = unlz4(Files.readAllBytes(part));
		assertThat(bytes.length).isGreaterThan(2 * 4120);
		byte[] cut = Arrays.copyOf(bytes, 4120);
		assertThat(Arrays.copyOfRange(cut, 4, 8)).as("no commit in the first frame").containsOnly(0);
		Files.write(part, lz4(cut));
		assertGap("goes on in the midst of a transaction", "00000002_00001038.wal.lz4");
		// The same at the end: what had not ended is left out
		FileTime time = Files.getLastModifiedTime(find("00000002_00000000.wal.lz4"));
		String before = restore(this.storage, time.toInstant());
		Files.setLastModifiedTime(part, time);
		assertThat(restore(this.storage, time.toInstant())).isEqualTo(before);
	}

	@Test
	void everyChangedByteIsFoundOrHarmless() throws IOException {
		String latest = restore(this.storage, null);
		onlyTheFirstSnapshot();
		Random random = new Random(20261123);
		for (Path file : files(this.replica)) {
			FileTime time = Files.getLastModifiedTime(file);
			byte[] bytes = Files.readAllBytes(file);
			int found = 0;
			for (int i = 0; i < 25; i++) {
				byte[] damaged = bytes.clone();
				damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
				found += assertFailsOrRestores(file, damaged, latest) ? 1 : 0;
			}
			assertThat(found).as(file.toString()).isGreaterThan(20);
			for (int length : new int[] { 0, 1, 3, 4, 7, 11, bytes.length / 2, bytes.length - 4, bytes.length - 1 }) {
				assertThat(assertFailsOrRestores(file, Arrays.copyOf(bytes, length), latest)).as(file + " " + length)
					.isTrue();
			}
			Files.write(file, bytes);
			Files.setLastModifiedTime(file, time);
		}
		assertThat(restore(this.storage, null)).isEqualTo(latest);
	}

	private boolean assertFailsOrRestores(Path file, byte[] content, String expected) throws IOException {
		Files.write(file, content);
		Files.deleteIfExists(this.target);
		try {
			assertThat(restore(this.storage, null)).isEqualTo(expected);
			return false;
		}
		catch (CorruptDataException ex) {
			assertThat(ex).hasMessageContaining(file.getFileName().toString());
			assertThat(this.target.getParent()).isEmptyDirectory();
			return true;
		}
	}

	@Test
	void aSoundFrameOfAnotherWalIsDamage() throws IOException {
		onlyTheFirstSnapshot();
		// Its LZ4 frame is sound, and its own checksums are, but it continues another run
		Path other = find("00000003_00001038.wal.lz4");
		Files.write(find("00000002_00001038.wal.lz4"), Files.readAllBytes(other));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContainingAll("00000002_00001038.wal.lz4", "offset 4152", "expected salts");
	}

	@Test
	void readsFramesOneAfterTheOther() throws IOException {
		String latest = restore(this.storage, null);
		onlyTheFirstSnapshot();
		Path part = find("00000002_00001038.wal.lz4");
		byte[] bytes = unlz4(Files.readAllBytes(part));
		ByteArrayOutputStream frames = new ByteArrayOutputStream();
		frames.writeBytes(lz4(Arrays.copyOf(bytes, 1000)));
		frames.writeBytes(lz4(new byte[0]));
		frames.writeBytes(lz4(Arrays.copyOfRange(bytes, 1000, bytes.length)));
		Files.write(part, frames.toByteArray());
		assertThat(restore(this.storage, null)).isEqualTo(latest);
	}

	@Test
	void saysThatAnEncryptedReplicaIsNotRead() throws IOException {
		Files.write(find("00000006.snapshot.lz4"),
				"age-encryption.org/v1\n-> X25519 abc".getBytes(StandardCharsets.US_ASCII));
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContainingAll("00000006.snapshot.lz4", "encrypted");
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

	private void onlyTheFirstSnapshot() throws IOException {
		delete("00000003.snapshot.lz4", "00000006.snapshot.lz4");
		Files.deleteIfExists(this.target);
	}

	private void delete(String... names) throws IOException {
		for (String name : names) {
			Files.delete(find(name));
		}
	}

	private Path find(String name) throws IOException {
		return files(this.replica).stream()
			.filter((file) -> file.getFileName().toString().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private static List<Path> files(Path replica) throws IOException {
		try (Stream<Path> files = Files.walk(replica.resolve("generations"))) {
			return files.filter(Files::isRegularFile).sorted().toList();
		}
	}

	private void assertGap(String... message) {
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restore(this.storage, null))
			.withMessageContaining("There is a gap")
			.withMessageContainingAll(message);
		assertThat(this.target.getParent()).isEmptyDirectory();
	}

	private void assertRestores(ReplicaStorage storage, Instant time, JsonNode expected) throws IOException {
		assertThat(restore(storage, time)).as(String.valueOf(time)).isEqualTo(expected.get("file_sha256").asString());
	}

	/**
	 * Restore, and look at what is there.
	 */
	private String restore(ReplicaStorage storage, Instant time) throws IOException {
		Files.deleteIfExists(this.target);
		new Restorer(storage).restore(new RestoreRequest(this.target, null, time, IntegrityCheck.QUICK, 2))
			.orElseThrow(() -> new LitestreamException("there is nothing"));
		return LitestreamFixture.sha256(this.target);
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

	private static byte[] lz4(byte[] bytes) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LZ4FrameOutputStream frame = new LZ4FrameOutputStream(out)) {
			frame.write(bytes);
		}
		return out.toByteArray();
	}

	private static byte[] unlz4(byte[] bytes) throws IOException {
		return Lz4Stream.of(new ByteArrayInputStream(bytes)).readAllBytes();
	}

}
