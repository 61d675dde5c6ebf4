package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.ReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Where a file is damaged others are read, when they make exactly the same state, and
 * only then.
 */
class RestorerDetourTests {

	private static final int PAGE_SIZE = 4096;

	@TempDir
	private Path folder;

	private Path data;

	private Path target;

	private RandomHistory history;

	/** Its newest file is in level 0 only, and TXID 8 besides in nothing else. */
	@BeforeEach
	void setUp() throws IOException {
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 10, new Random(5));
		for (int i = 0; i < 12; i++) {
			this.history.change(3);
		}
		this.history.merge(1, 2, 5);
		this.history.merge(1, 6, 9);
		this.history.snapshot(10);
		begin(this.history.replica(), 1);
	}

	@Test
	void aDamagedSnapshotIsPassedByAnOlderChain() throws IOException {
		RestoreResult sound = restore(request()).orElseThrow();
		Files.delete(this.target);
		damage(9, 1, 10);
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		Logger logger = (Logger) LoggerFactory.getLogger(Detour.class);
		logger.setLevel(Level.WARN);
		logger.addAppender(log);
		RestoreResult result;
		try {
			result = restore(request()).orElseThrow();
		}
		finally {
			logger.detachAppender(log);
			logger.setLevel(null);
		}
		assertThat(this.target).hasBinaryContent(this.history.state(13));
		assertThat(result).usingRecursiveComparison().ignoringFields("files", "bytesRead", "took").isEqualTo(sound);
		assertThat(result.bytesRead()).isGreaterThan(sound.bytesRead());
		assertThat(log.list).filteredOn((event) -> event.getLevel() == Level.WARN)
			.singleElement()
			.extracting(ILoggingEvent::getFormattedMessage)
			.asString()
			.contains("level 9 0000000000000001-000000000000000a.ltx")
			.contains("TXID 000000000000000d");
		Files.delete(this.target);
		restore(request().to(new Txid(10)));
		assertThat(this.target).hasBinaryContent(this.history.state(10));
	}

	@Test
	void severalDamagedFilesAreLeftOutInTurn() throws IOException {
		damage(9, 1, 10);
		damage(1, 2, 5);
		damage(0, 7, 7);
		assertThat(restore(request())).isPresent();
		assertThat(this.target).hasBinaryContent(this.history.state(13));
		Files.delete(this.target);
		damage(1, 6, 9);
		assertFails(request(), 0, 7, 7);
	}

	@Test
	void noOlderStateIsGivenInThePlaceOfADamagedOne() throws IOException {
		damage(0, 13, 13);
		assertFails(request(), 0, 13, 13);
		damage(0, 8, 8);
		assertFails(request().to(new Txid(8)), 0, 8, 8);
		restore(request().to(new Txid(12)));
		assertThat(this.target).hasBinaryContent(this.history.state(12));
	}

	@Test
	void aTimeMeansTheSameStateAsWithTheDamagedFile() throws IOException {
		damage(0, 9, 9);
		damage(9, 1, 10);
		for (long txid : new long[] { 9, 10 }) {
			restore(request().to(Instant.ofEpochSecond(txid)));
			assertThat(this.target).hasBinaryContent(this.history.state(txid));
			Files.delete(this.target);
		}
		damage(0, 8, 8);
		assertFails(request().to(Instant.ofEpochSecond(8)), 0, 8, 8);
	}

	@Test
	void aPreviewPassesByADamagedHeader() throws IOException {
		this.history.merge(1, 10, 13);
		damage(1, 10, 13);
		RestorePreview preview = restorer().plan(request()).orElseThrow();
		assertThat(preview.txid()).isEqualTo(new Txid(13));
		assertThat(preview.time()).isEqualTo(Instant.ofEpochSecond(13));
		assertThat(preview.files()).last().extracting((file) -> file.key().level()).isEqualTo(0);
		assertThat(preview.pageCount()).isEqualTo(10);
		damage(0, 13, 13);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restorer().plan(request()))
			.withMessageContaining(name(13, 13));
	}

	@Test
	void whatCannotBeReadIsNotDamaged() {
		ReplicaStorage stored = this.history.replica().storage();
		InterceptedStorage storage = new InterceptedStorage(stored).reading((key, offset, length) -> {
			if (key.level() == 9) {
				throw new StorageUnavailableException("503 for " + key);
			}
			return stored.read(key, offset, length);
		});
		FetchSettings settings = new FetchSettings(1 << 20, 2, 4096, Duration.ofMillis(1), Duration.ofMillis(2),
				Duration.ofSeconds(20));
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> new Restorer(storage, settings, Clock.systemUTC()).restore(request().to(new Txid(10))))
			.withMessageContaining("503 for level 9");
		assertThat(this.data).isEmptyDirectory();
	}

	/**
	 * The writer's checksum of the state proves that it is the same history after all.
	 */
	@Test
	void theBeginningOfAHistoryIsPassedWhereTheChecksumProvesTheState() throws IOException {
		begin(this.history.replica(), 10);
		damage(9, 1, 10);
		restore(request());
		assertThat(this.target).hasBinaryContent(this.history.state(13));
		Files.delete(this.target);
		Files.delete(this.folder.resolve("replica/meta/checksums/0").resolve(name(13, 13)));
		assertFails(request(), 9, 1, 10);
	}

	@Test
	void aSnapshotIsNotPassedWhereItsChecksumIsThatOfAnotherHistory() throws IOException {
		damage(9, 1, 10);
		Files.delete(this.folder.resolve("replica/meta/checksums/0").resolve(name(13, 13)));
		restore(request());
		assertThat(this.target).hasBinaryContent(this.history.state(13));
		Files.delete(this.target);
		Path checksum = this.folder.resolve("replica/meta/checksums/9").resolve(name(1, 10));
		Files.writeString(checksum, "8000000000000001");
		assertFails(request(), 9, 1, 10);
		// And where it is the state itself, no other one counts
		assertFails(request().to(new Txid(10)), 9, 1, 10);
	}

	/**
	 * A writer that was away has left a file of the history before where a snapshot
	 * begins another one.
	 */
	@Test
	void inThePlaceOfADamagedSnapshotNoOlderHistoryIsRestored() throws IOException {
		Path source = this.folder.resolve("source.db");
		byte[] first = TestReplica.database(source, "CREATE TABLE t (a)");
		byte[] late = TestReplica.database(source, "INSERT INTO t VALUES (2)");
		byte[] anew = TestReplica.database(source, "INSERT INTO t VALUES (3)");
		byte[] after = TestReplica.database(source, "CREATE TABLE u (a)");
		TestReplica stored = new TestReplica(this.folder.resolve("replica2")).snapshot(1, first, PAGE_SIZE)
			.change(2, first, late, PAGE_SIZE)
			.snapshot(2, anew, PAGE_SIZE)
			.change(3, anew, after, PAGE_SIZE);
		begin(stored, 2);
		Restorer restorer = new Restorer(stored.storage());
		long checksum = restorer.restore(request()).orElseThrow().checksum();
		assertThat(this.target).hasBinaryContent(after);
		Files.delete(this.target);
		Path snapshot = this.folder.resolve("replica2/ltx/9").resolve(name(1, 2));
		Files.write(snapshot, Arrays.copyOf(Files.readAllBytes(snapshot), 150));
		String named = "level 9 " + name(1, 2);
		for (RestoreRequest request : new RestoreRequest[] { request(), request().to(new Txid(2)) }) {
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restorer.restore(request))
				.withMessageContaining(named);
			assertThat(this.data).isEmptyDirectory();
		}
		stored.checksum(0, 3, 3, checksum);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restorer.restore(request()))
			.withMessageContaining(named)
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement()
				.asString()
				.contains("is not of this history"));
		assertThat(this.data).isEmptyDirectory();
	}

	private void assertFails(RestoreRequest request, int level, long min, long max) {
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restore(request))
			.withMessageContaining("level " + level + " " + name(min, max));
		assertThat(this.data).isEmptyDirectory();
	}

	private RestoreRequest request() {
		return RestoreRequest.latest(this.target).with(IntegrityCheck.NONE);
	}

	private Optional<RestoreResult> restore(RestoreRequest request) {
		return restorer().restore(request);
	}

	private Restorer restorer() {
		return new Restorer(this.history.replica().storage());
	}

	private static void begin(TestReplica replica, long txid) {
		replica.storage().putMetaIfAbsent(new GenerationName(new Txid(txid)).metaName(), new byte[] { '{', '}' });
	}

	private void damage(int level, long min, long max) throws IOException {
		Path file = file(level, min, max);
		FileTime time = Files.getLastModifiedTime(file);
		byte[] bytes = Files.readAllBytes(file);
		// In the header, so that the file is as long as before
		bytes[1] ^= 0x20;
		Files.write(file, bytes);
		Files.setLastModifiedTime(file, time);
	}

	private Path file(int level, long min, long max) {
		return this.folder.resolve("replica/ltx").resolve(Integer.toString(level)).resolve(name(min, max));
	}

	private static String name(long min, long max) {
		return new LtxFileName(new Txid(min), new Txid(max)).toString();
	}

}
