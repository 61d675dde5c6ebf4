package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.testsupport.ChildProcess;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Two that want the same place, and neither may lose anything.
 */
class RestoreTargetTests {

	private static final int PAGE_SIZE = 4096;

	private static final Placement WITHOUT_LINKS = new Placement((link, existing) -> {
		throw new FileSystemException(link.toString(), null, "Operation not permitted");
	});

	@TempDir
	private Path folder;

	private Path data;

	private Path target;

	private TestReplica replica;

	private byte[] database;

	@BeforeEach
	void setUp() throws IOException {
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.database = TestReplica.database(this.folder.resolve("source.db"), "CREATE TABLE t (a)");
		this.replica = new TestReplica(this.folder.resolve("replica")).snapshot(1, this.database, PAGE_SIZE);
	}

	@Test
	void leavesADatabaseAloneThatAppearsAsTheRestoredOneIsPutInItsPlace() throws IOException {
		Files.writeString(this.data.resolve("app.db-wal"), "frames");
		Files.writeString(this.data.resolve("app.db-shm"), "index");
		AtomicInteger calls = new AtomicInteger();
		// It is asked for the first time when the target was seen to be free
		Clock clock = clock(() -> {
			if (calls.getAndIncrement() == 0) {
				write(this.target, "a database");
			}
		});
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> new Restorer(this.replica.storage(), FetchSettings.DEFAULT, clock)
				.restore(RestoreRequest.latest(this.target)))
			.withMessageContaining("does not replace")
			.withMessageContaining("10 bytes");
		assertThat(calls).hasPositiveValue();
		assertThat(this.target).hasContent("a database");
		assertThat(files()).containsExactly("app.db", "app.db-shm", "app.db-wal");
		assertThat(this.data.resolve("app.db-wal")).hasContent("frames");
	}

	@Test
	void putsBackWhatStoodBesideThePlaceWhenNothingCanBePutThere() throws IOException {
		for (Runnable failure : List.<Runnable>of(() -> unchecked(() -> Files.delete(temporary())), () -> {
			throw new IllegalStateException("no clock");
		})) {
			failsToPlace(failure);
			assertThat(files()).containsExactly("app.db-shm", "app.db-wal");
			assertThat(this.data.resolve("app.db-wal")).hasContent("frames");
		}
	}

	/** It has its place, and only its other name could not be deleted. */
	@Test
	void putsNothingBackBesideTheRestoredDatabase() throws IOException {
		failsToPlace(() -> unchecked(() -> Files.createLink(this.target, temporary())));
		assertThat(this.target).hasBinaryContent(this.database);
		assertThat(files()).hasSize(3).doesNotContain("app.db-shm", "app.db-wal");
	}

	/** The failure comes while the -shm is moved away, after the -wal. */
	private void failsToPlace(Runnable failure) throws IOException {
		Files.writeString(this.data.resolve("app.db-wal"), "frames");
		Files.writeString(this.data.resolve("app.db-shm"), "index");
		AtomicInteger calls = new AtomicInteger();
		Clock clock = clock(() -> {
			if (calls.incrementAndGet() == 2) {
				failure.run();
			}
		});
		assertThatException().isThrownBy(() -> new Restorer(this.replica.storage(), FetchSettings.DEFAULT, clock)
			.restore(RestoreRequest.latest(this.target)));
		assertThat(calls).hasValue(2);
	}

	@Test
	void placesAFileUnderAFreeNameOnly() throws IOException {
		for (Placement placement : List.of(Placement.DEFAULT, WITHOUT_LINKS)) {
			Path from = Files.writeString(this.data.resolve("new"), "restored");
			Files.writeString(this.target, "a database");
			assertThatExceptionOfType(FileAlreadyExistsException.class)
				.isThrownBy(() -> placement.place(from, this.target));
			assertThat(this.target).hasContent("a database");
			assertThat(from).hasContent("restored");
			Files.delete(this.target);
			placement.place(from, this.target);
			assertThat(this.target).hasContent("restored");
			assertThat(files()).containsExactly("app.db");
			Files.delete(this.target);
		}
	}

	@Test
	void placesAFileOverAnEmptyOne() throws IOException {
		for (Placement placement : List.of(Placement.DEFAULT, WITHOUT_LINKS)) {
			Path from = Files.writeString(this.data.resolve("new"), "restored");
			Files.createFile(this.target);
			placement.place(from, this.target);
			assertThat(this.target).hasContent("restored");
			assertThat(files()).containsExactly("app.db");
			Files.delete(this.target);
		}
	}

	@Test
	void placesNothingOverAFileThatIsMadeMeanwhile() throws IOException {
		Path from = Files.writeString(this.data.resolve("new"), "restored");
		Placement late = new Placement((link, existing) -> {
			write(link, "a database");
			Files.createLink(link, existing);
		});
		assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> late.place(from, this.target));
		assertThat(this.target).hasContent("a database");
		Files.write(this.target, new byte[0]);
		assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> late.place(from, this.target));
		assertThat(this.target).hasContent("a database");
		assertThat(files()).containsExactly("app.db", "new");
	}

	@Test
	void reportsAFileThatCannotBePlacedAtAll() {
		assertThatIOException().isThrownBy(() -> WITHOUT_LINKS.place(this.data.resolve("missing"), this.target))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(FileSystemException.class));
	}

	@Test
	void refusesWhatAnotherProcessIsRestoring() throws Exception {
		Path log = this.folder.resolve("other.log");
		List<String> command = List.of("-cp", System.getProperty("java.class.path"), OtherRestore.class.getName(),
				this.target.toString());
		try (ChildProcess other = ChildProcess.startJava(command, Map.of(), this.folder, log)) {
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> other.output().contains("has it"));
			assertThat(files()).hasSize(2).contains("app.db.restore-lock");
			List<String> before = files();
			assertThatExceptionOfType(ConfigurationException.class)
				.isThrownBy(() -> new Restorer(this.replica.storage()).restore(RestoreRequest.latest(this.target)))
				.withMessageContaining("is being restored already, by another process");
			assertThat(files()).isEqualTo(before);
			other.kill();
		}
		assertThat(new Restorer(this.replica.storage()).restore(RestoreRequest.latest(this.target))).isPresent();
		assertThat(this.target).hasBinaryContent(this.database);
		assertThat(files()).containsExactly("app.db");
	}

	@Test
	void givesTheLockToOneProcessAtATimeThoughItsFileComesAndGoes() throws Exception {
		List<String> command = List.of("-cp", System.getProperty("java.class.path"), Rival.class.getName(),
				this.target.toString());
		List<ChildProcess> rivals = new ArrayList<>();
		try {
			for (int i = 0; i < 3; i++) {
				rivals.add(ChildProcess.startJava(command, Map.of(), this.folder, this.folder.resolve("rival" + i)));
			}
			for (ChildProcess rival : rivals) {
				assertThat(rival.await(Duration.ofSeconds(60))).as(rival.output()).isZero();
			}
		}
		finally {
			rivals.forEach(ChildProcess::close);
		}
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void takesOnePlaceForOneWhateverItIsCalled() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), this.data);
		try (RestoreTarget first = RestoreTarget.claim(this.target, Clock.systemUTC())) {
			assertThat(first.path()).isEqualTo(this.target);
			assertThatExceptionOfType(ConfigurationException.class)
				.isThrownBy(() -> RestoreTarget.claim(link.resolve("app.db"), Clock.systemUTC()))
				.withMessageContaining("by this process");
			// The other's descriptor would have taken the lock with it
			try (FileChannel channel = FileChannel.open(this.data.resolve("app.db.restore-lock"),
					StandardOpenOption.WRITE)) {
				assertThatExceptionOfType(java.nio.channels.OverlappingFileLockException.class)
					.isThrownBy(channel::tryLock);
			}
		}
		assertThat(this.data).isEmptyDirectory();
	}

	private static Clock clock(Runnable asked) {
		InstantSource source = () -> {
			asked.run();
			return Instant.parse("2026-11-23T10:11:12.345Z");
		};
		return source.withZone(ZoneOffset.UTC);
	}

	private Path temporary() throws IOException {
		return this.data.resolve(files().stream().filter((name) -> name.endsWith(".tmp")).findFirst().orElseThrow());
	}

	private List<String> files() throws IOException {
		try (Stream<Path> files = Files.list(this.data)) {
			return files.map((path) -> path.getFileName().toString()).sorted().toList();
		}
	}

	private static void write(Path file, String content) {
		unchecked(() -> Files.writeString(file, content));
	}

	private static void unchecked(FileCall call) {
		try {
			call.run();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Does something to a file.
	 */
	private interface FileCall {

		void run() throws IOException;

	}

	/**
	 * A process that has begun a restore and does not come to its end.
	 */
	static final class OtherRestore {

		private OtherRestore() {
		}

		public static void main(String[] arguments) throws IOException {
			try (RestoreTarget target = RestoreTarget.claim(Path.of(arguments[0]), Clock.systemUTC());
					TemporaryDatabase database = target.create()) {
				System.out.println(database.path() + " has it");
				System.in.read();
			}
		}

	}

	/**
	 * Takes the lock as often as it gets it, and fails when somebody else has it too.
	 */
	static final class Rival {

		private static final Duration TIME = Duration.ofSeconds(2);

		private Rival() {
		}

		public static void main(String[] arguments) throws IOException {
			Path target = Path.of(arguments[0]);
			Path alone = Path.of(arguments[0] + ".alone");
			int taken = 0;
			long end = System.nanoTime() + TIME.toNanos();
			while (System.nanoTime() < end) {
				try (RestoreLock lock = RestoreLock.take(target)) {
					Files.createFile(alone);
					taken += (lock != null) ? 1 : 0;
					Files.delete(alone);
				}
				catch (ConfigurationException ex) {
					Thread.onSpinWait();
				}
			}
			System.out.println("taken " + taken + " times");
		}

	}

}
