package io.github.litestream4j.replication;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Failures of the capturing thread: counted, told, and overcome.
 */
class CaptureErrorTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private final Progress progress = new Progress(Txid.ZERO);

	private ReplicatorSettings settings;

	private PositionFile positionFile;

	private PageChecksums checksums;

	private LiveDatabase database;

	private Connection connection;

	private Capture capture;

	private CaptureLoop loop;

	private Thread thread;

	@BeforeEach
	void start() throws Exception {
		Path file = this.folder.resolve("app.db");
		String url = "jdbc:sqlite:" + file;
		this.settings = new ReplicatorSettings("app", file, url, Map.of(), this.folder.resolve("staging"),
				Duration.ZERO, TIMEOUT, new CheckpointSettings(1000, Duration.ofMinutes(1), 1000));
		Staging staging = new Staging(this.settings.stagingDirectory());
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		GenerationLog generations = new GenerationLog(storage, this.settings.stagingDirectory());
		Uploader uploader = TestUploaders.of(storage, staging, this.progress, generations);
		this.positionFile = new PositionFile(this.folder.resolve("position"));
		this.checksums = new PageChecksums(this.folder);
		this.database = LiveDatabase.open(new DatabaseSettings(file, url, Map.of(), TIMEOUT));
		this.connection = DriverManager.getConnection(url);
		execute("PRAGMA wal_autocheckpoint=0");
		execute("CREATE TABLE t(x)");
		this.capture = new Capture(this.database, staging, this.positionFile, this.progress, uploader, this.checksums);
		this.capture.begin(Txid.FIRST, TIMEOUT);
		Snapshotter snapshotter = new Snapshotter("app", storage, this.progress,
				TestSnapshots.guard(this.progress, generations), () -> {
				});
		PinnedWork pinnedWork = new PinnedWork(this.capture, snapshotter, uploader, this.progress, storage, generations,
				TestSnapshots.none(this.capture, snapshotter, this.progress, storage, generations), TIMEOUT);
		Checkpointer checkpointer = new Checkpointer(this.database, this.capture, staging, this.settings.checkpoint(),
				TIMEOUT);
		this.loop = new CaptureLoop(this.database, this.capture, checkpointer, uploader, pinnedWork, this.progress,
				this.settings, new Backoff(Duration.ofMillis(1), Duration.ofMillis(4)));
		this.thread = new Thread(this.loop, "capture");
		this.thread.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.loop.stop();
		this.thread.join(TIMEOUT.toMillis());
		assertThat(this.thread.isAlive()).isFalse();
		this.connection.close();
		this.checksums.close();
		this.positionFile.close();
		this.database.close();
	}

	@Test
	void f63CapturesAfterAHundredFailuresInARow() throws Exception {
		awaitCaptured();
		Path staged = this.settings.stagingDirectory().resolve("ltx").resolve("0");
		Path aside = Files.move(staged, this.folder.resolve("aside"));
		Txid before = this.progress.captured();
		execute("INSERT INTO t VALUES (1)");
		this.loop.wake();
		Awaitility.await().atMost(TIMEOUT).until(() -> this.progress.errors().count(ErrorStage.STAGING) >= 100);
		assertThat(this.progress.captured()).isEqualTo(before);
		assertThat(this.progress.failure()).contains(staged.toString()).contains("NoSuchFile");
		Files.move(aside, staged);
		awaitCaptured();
		assertThat(this.progress.captured()).as("no TXID is left out").isEqualTo(before.next());
		Awaitility.await().atMost(TIMEOUT).until(() -> this.progress.failure() == null);
		assertThat(this.progress.errors().last()).hasValueSatisfying((last) -> assertThat(last.overcome()).isTrue());
	}

	@Test
	void f58AFailingCaptureIsToldAndHasALagAlsoWhenNothingIsKnownToWait() throws Exception {
		awaitCaptured();
		assertThat(this.loop.uncapturedSince()).isNull();
		Path aside = Files.move(this.settings.database(), this.folder.resolve("aside"));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.progress.errors().count(ErrorStage.CAPTURE) >= 2);
		assertThat(this.progress.failure()).contains("deleted or replaced");
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			Long since = this.loop.uncapturedSince();
			return since != null && System.nanoTime() - since > Duration.ofSeconds(1).toNanos();
		});
		Files.move(aside, this.settings.database());
		Awaitility.await().atMost(TIMEOUT).until(() -> this.loop.uncapturedSince() == null);
		assertThat(this.progress.failure()).isNull();
	}

	@Test
	void f60APositionThatCouldNotBeWrittenLeavesTheSoundOne() throws Exception {
		awaitCaptured();
		this.loop.stop();
		this.thread.join(TIMEOUT.toMillis());
		CapturePosition sound = this.capture.position();
		this.positionFile.close();
		for (int i = 0; i < 3; i++) {
			execute("INSERT INTO t VALUES (2)");
			try {
				this.capture.captureAll(null);
			}
			catch (StagingException ex) {
				assertThat(ex).hasMessageContaining("position");
			}
			assertThat(this.capture.position()).isEqualTo(sound);
		}
		try (PositionFile reopened = new PositionFile(this.folder.resolve("position"))) {
			assertThat(reopened.position()).hasValue(sound);
		}
	}

	private void awaitCaptured() {
		Awaitility.await().atMost(TIMEOUT).until(() -> !this.capture.position().isBehind(this.database.index()));
	}

	private void execute(String sql) throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
