package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.storage.ReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RestorerTests {

	private static final int PAGE_SIZE = 4096;

	@TempDir
	private Path folder;

	private Path data;

	private Path target;

	private TestReplica replica;

	@BeforeEach
	void setUp() throws IOException {
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.replica = new TestReplica(this.folder.resolve("replica"));
	}

	@Test
	void makesNothingOfAnEmptyReplica() {
		assertThat(restore(RestoreRequest.latest(this.target))).isEmpty();
		assertThat(this.data).isEmptyDirectory();
	}

	@ParameterizedTest
	@EnumSource
	void f44RestoresADatabaseInWalModeWithoutLeavingAnythingBesideIt(IntegrityCheck check) throws IOException {
		byte[] database = sample("PRAGMA journal_mode=WAL", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)");
		this.replica.snapshot(4, database, PAGE_SIZE);
		RestoreResult result = restore(RestoreRequest.latest(this.target).with(check)).orElseThrow();
		assertThat(this.target).hasBinaryContent(database);
		assertThat(files()).containsExactly("app.db");
		assertThat(result.files()).isEqualTo(1);
		assertThat(result.pageCount()).isEqualTo(database.length / PAGE_SIZE);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 65536 })
	void restoresEveryPageSize(int pageSize) throws IOException {
		Path source = this.folder.resolve("source.db");
		byte[] first = TestReplica.database(source, "PRAGMA page_size=" + pageSize, "CREATE TABLE t (a)");
		byte[] second = TestReplica.database(source,
				"INSERT INTO t SELECT randomblob(3000) FROM json_each('" + Arrays.toString(new int[200]) + "')");
		byte[] third = TestReplica.database(source, "DELETE FROM t WHERE rowid > 7", "VACUUM");
		this.replica.snapshot(1, first, pageSize).change(2, first, second, pageSize).change(3, second, third, pageSize);
		assertThat(third).hasSizeLessThan(second.length);
		restore(RestoreRequest.latest(this.target).with(IntegrityCheck.FULL));
		assertThat(this.target).hasBinaryContent(third);
	}

	@Test
	void doesNotReplaceADatabase() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), PAGE_SIZE);
		Files.writeString(this.target, "mine");
		Files.writeString(this.data.resolve("app.db-wal"), "mine too");
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target)))
			.withMessageContaining(this.target.toString())
			.withMessageContaining("has 4 bytes")
			.withMessageContaining("Nothing was touched");
		assertThat(this.target).hasContent("mine");
		assertThat(files()).containsExactly("app.db", "app.db-wal");
	}

	@Test
	void f44DoesNotReplaceADatabaseThatAppearsMeanwhile() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), PAGE_SIZE);
		ReplicaStorage storage = new InterceptedStorage(this.replica.storage()).reading((key, offset, length) -> {
			write(this.target, "somebody else's");
			return this.replica.storage().read(key, offset, length);
		});
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> new Restorer(storage).restore(RestoreRequest.latest(this.target)));
		assertThat(this.target).hasContent("somebody else's");
		assertThat(files()).containsExactly("app.db");
	}

	@Test
	void replacesAnEmptyFile() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)");
		this.replica.snapshot(1, database, PAGE_SIZE);
		Files.createFile(this.target);
		restore(RestoreRequest.latest(this.target));
		assertThat(this.target).hasBinaryContent(database);
	}

	@Test
	void movesWhatAVanishedDatabaseLeftOutOfTheWay() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)");
		this.replica.snapshot(1, database, PAGE_SIZE);
		Files.writeString(this.data.resolve("app.db-wal"), "old frames");
		Files.writeString(this.data.resolve("app.db-journal"), "old pages");
		Files.writeString(this.data.resolve("app.db-shm"), "old index");
		Clock clock = Clock.fixed(Instant.parse("2026-11-23T10:11:12.345Z"), ZoneOffset.UTC);
		new Restorer(this.replica.storage(), FetchSettings.DEFAULT, clock).restore(RestoreRequest.latest(this.target));
		assertThat(this.target).hasBinaryContent(database);
		assertThat(files()).containsExactly("app.db", "app.db-journal.stale-20261123T101112345Z",
				"app.db-wal.stale-20261123T101112345Z");
		assertThat(this.data.resolve("app.db-wal.stale-20261123T101112345Z")).hasContent("old frames");
	}

	@Test
	void leavesWhatAVanishedDatabaseLeftWhenTheRestoreFails() throws IOException {
		this.replica.snapshot(1, new byte[PAGE_SIZE], PAGE_SIZE);
		Files.writeString(this.data.resolve("app.db-wal"), "old frames");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target)));
		assertThat(files()).containsExactly("app.db-wal");
	}

	@Test
	void f44DeletesWhatAKilledRestoreLeft() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), PAGE_SIZE);
		Files.writeString(this.data.resolve("app.db.restore-0123abcd.tmp"), "half a database");
		Files.writeString(this.data.resolve("app.db.restore-notes.txt"), "a user's");
		Files.writeString(this.data.resolve("other.db.restore-0123abcd.tmp"), "another's");
		restore(RestoreRequest.latest(this.target));
		assertThat(files()).containsExactly("app.db", "app.db.restore-notes.txt", "other.db.restore-0123abcd.tmp");
	}

	@Test
	void restoresToWhereALinkPoints() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)");
		this.replica.snapshot(1, database, PAGE_SIZE);
		Path link = Files.createSymbolicLink(this.folder.resolve("link.db"), Path.of("data/app.db"));
		restore(RestoreRequest.latest(link));
		assertThat(this.target).hasBinaryContent(database);
		assertThat(link).isSymbolicLink();
	}

	@Test
	void namesAFolderThatIsMissing() {
		Path missing = this.folder.resolve("nowhere");
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(missing.resolve("app.db"))))
			.withMessageContaining(missing.toString())
			.withMessageContaining("does not exist: create it");
		assertThat(missing).doesNotExist();
	}

	@Test
	void refusesAFolderAsTarget() {
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.data)))
			.withMessageContaining("is a folder");
	}

	@Test
	void reportsAFailingFileSystem() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), PAGE_SIZE);
		ReplicaStorage storage = new InterceptedStorage(this.replica.storage()).reading((key, offset, length) -> {
			deleteAll(this.data);
			return this.replica.storage().read(key, offset, length);
		});
		RestoreRequest request = RestoreRequest.latest(this.target).with(IntegrityCheck.NONE);
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> new Restorer(storage).restore(request))
			.withMessageContaining(this.target.toString())
			.withCauseInstanceOf(IOException.class);
		assertThat(this.data).doesNotExist();
	}

	@Test
	void restoresOneTargetOnceAtATime() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), PAGE_SIZE);
		ReplicaStorage storage = new InterceptedStorage(this.replica.storage()).reading((key, offset, length) -> {
			restore(RestoreRequest.latest(this.target));
			throw new AssertionError("two restores into one file");
		});
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> new Restorer(storage).restore(RestoreRequest.latest(this.target)))
			.withMessageContaining("is being restored already");
		assertThat(restore(RestoreRequest.latest(this.target))).isPresent();
	}

	@Test
	void f24RefusesADatabaseThatSqliteFindsDamaged() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)");
		Arrays.fill(database, PAGE_SIZE, PAGE_SIZE + 100, (byte) 0x55);
		this.replica.snapshot(1, database, PAGE_SIZE);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target)))
			.withMessageContaining("quick_check")
			.withMessageContaining(this.replica.storage().url());
		assertThat(this.data).isEmptyDirectory();
		assertThat(restore(RestoreRequest.latest(this.target).with(IntegrityCheck.NONE))).isPresent();
	}

	@Test
	void findsInAFullCheckWhatAQuickOneDoesNotSee() throws IOException {
		Path source = this.folder.resolve("source.db");
		byte[] database = TestReplica.database(source, "CREATE TABLE t (a)", "INSERT INTO t VALUES ('aaaa')",
				"CREATE INDEX i ON t (a)");
		int at = new String(database, StandardCharsets.ISO_8859_1).lastIndexOf("aaaa");
		database[at] = 'b';
		this.replica.snapshot(1, database, PAGE_SIZE);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target).with(IntegrityCheck.FULL)))
			.withMessageContaining("integrity_check");
		assertThat(this.data).isEmptyDirectory();
		assertThat(restore(RestoreRequest.latest(this.target))).isPresent();
	}

	@Test
	void refusesWhatIsNoSqliteDatabase() {
		this.replica.snapshot(1, new byte[PAGE_SIZE], PAGE_SIZE);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target).with(IntegrityCheck.NONE)))
			.withMessageContaining("is no SQLite database");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void refusesADatabaseOfAnotherPageSizeThanItsFiles() throws IOException {
		this.replica.snapshot(1, sample("CREATE TABLE t (a)"), 1024);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target).with(IntegrityCheck.NONE)))
			.withMessageContaining("pages of 1024 bytes, but the database in them says 4096");
	}

	@Test
	void refusesFilesOfTwoPageSizes() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)");
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		pages.put(2L, new byte[1024]);
		this.replica.snapshot(1, database, PAGE_SIZE).store(0, 2, 2, 1024, 8, pages);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target)))
			.withMessageContaining("level 9 0000000000000001-0000000000000001.ltx")
			.withMessageContaining("pages of 4096 bytes");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void namesAPageThatNoFileHolds() throws IOException {
		byte[] database = sample("CREATE TABLE t (a)");
		SortedMap<Long, byte[]> pages = TestReplica.pages(Arrays.copyOf(database, PAGE_SIZE), PAGE_SIZE);
		this.replica.snapshot(1, database, PAGE_SIZE).store(0, 2, 2, PAGE_SIZE, 4, pages);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> restore(RestoreRequest.latest(this.target)))
			.withMessageContaining("Page 3 of the database's 4 pages is in none of the files");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void f11LeavesTheLockPageEmpty() throws IOException {
		int pageSize = 65536;
		Path source = this.folder.resolve("source.db");
		byte[] first = TestReplica.database(source, "PRAGMA page_size=" + pageSize, "CREATE TABLE t (a)");
		long lockPage = LtxHeader.lockPage(pageSize);
		long commit = lockPage + 2;
		byte[] zeros = new byte[pageSize];
		byte[] last = new byte[pageSize];
		Arrays.fill(last, (byte) 7);
		SortedMap<Long, byte[]> pages = new TreeMap<>(TestReplica.pages(first, pageSize));
		for (long page = 3; page < commit; page++) {
			if (page != lockPage) {
				pages.put(page, zeros);
			}
		}
		pages.put(commit, last);
		this.replica.store(9, 1, 1, pageSize, commit, pages);
		RestoreResult result = restore(RestoreRequest.latest(this.target).with(IntegrityCheck.NONE)).orElseThrow();
		assertThat(result.pageCount()).isEqualTo(commit);
		assertThat(this.target).hasSize(commit * pageSize);
		try (var in = Files.newInputStream(this.target)) {
			assertThat(in.readNBytes(first.length)).isEqualTo(first);
			in.skipNBytes((lockPage - 2) * pageSize - first.length);
			assertThat(in.readNBytes(pageSize)).as("before the lock page").isEqualTo(zeros);
			assertThat(in.readNBytes(pageSize)).as("the lock page").isEqualTo(zeros);
			assertThat(in.readNBytes(pageSize)).isEqualTo(zeros);
			assertThat(in.readNBytes(pageSize)).isEqualTo(last);
		}
	}

	private Optional<RestoreResult> restore(RestoreRequest request) {
		return new Restorer(this.replica.storage()).restore(request);
	}

	private byte[] sample(String... statements) throws IOException {
		return TestReplica.database(this.folder.resolve("source.db"), statements);
	}

	private Stream<String> files() throws IOException {
		try (Stream<Path> files = Files.list(this.data)) {
			return files.map((path) -> path.getFileName().toString()).sorted().toList().stream();
		}
	}

	private static void write(Path file, String content) {
		try {
			Files.writeString(file, content);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void deleteAll(Path folder) {
		try (Stream<Path> files = Files.list(folder)) {
			for (Path file : (Iterable<Path>) files::iterator) {
				Files.delete(file);
			}
			Files.delete(folder);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

}
