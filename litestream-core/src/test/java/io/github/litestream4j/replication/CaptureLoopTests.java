package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The thread that captures is alone.
 */
class CaptureLoopTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	@Test
	void aThreadThatWaitedWhenItWasStoppedLeavesTheDatabaseToItsSuccessor() throws Exception {
		Path file = this.folder.resolve("app.db");
		String url = "jdbc:sqlite:" + file;
		ReplicatorSettings settings = new ReplicatorSettings("app", file, url, Map.of(), this.folder.resolve("staging"),
				Duration.ZERO, TIMEOUT, new CheckpointSettings(1, Duration.ofMinutes(1), 1000));
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Progress progress = new Progress(Txid.ZERO);
		Staging staging = new Staging(settings.stagingDirectory());
		GenerationLog generations = new GenerationLog(storage, settings.stagingDirectory());
		Uploader uploader = TestUploaders.of(storage, staging, progress, generations);
		try (PositionFile positionFile = new PositionFile(this.folder.resolve("position"));
				PageChecksums checksums = new PageChecksums(this.folder);
				LiveDatabase database = LiveDatabase
					.open(new DatabaseSettings(file, url, Map.of(), settings.busyTimeout()));
				Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement()) {
			Capture capture = new Capture(database, staging, positionFile, progress, uploader, checksums);
			capture.begin(Txid.FIRST, TIMEOUT);
			Checkpointer checkpointer = new Checkpointer(database, capture, staging, settings.checkpoint(),
					settings.busyTimeout());
			Snapshotter snapshotter = new Snapshotter("app", storage, progress,
					TestSnapshots.guard(progress, generations), () -> {
					});
			CaptureLoop loop = new CaptureLoop(database, capture, checkpointer, uploader,
					new PinnedWork(capture, snapshotter, uploader, progress, storage, generations,
							TestSnapshots.none(capture, snapshotter, progress, storage, generations),
							settings.busyTimeout()),
					progress, settings);
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("CREATE TABLE t(x)");
			statement.execute("BEGIN IMMEDIATE");
			// Its checkpoint waits for the write lock
			Thread first = start(loop);
			Awaitility.await().atMost(TIMEOUT).until(() -> progress.captured().isAfter(Txid.FIRST));
			Awaitility.await()
				.atMost(TIMEOUT)
				.until(() -> Arrays.stream(first.getStackTrace())
					.anyMatch((frame) -> frame.getMethodName().equals("lockWriters")));
			loop.stop();
			loop.reopen();
			Thread second = start(loop);
			Awaitility.await().atMost(TIMEOUT).until(() -> second.getState() == Thread.State.WAITING);
			assertThat(first.isAlive()).isTrue();
			statement.execute("COMMIT");
			first.join(TIMEOUT.toMillis());
			assertThat(first.isAlive()).isFalse();
			Txid before = progress.captured();
			statement.execute("INSERT INTO t VALUES (1)");
			loop.wake();
			Awaitility.await().atMost(TIMEOUT).until(() -> progress.captured().isAfter(before));
			loop.stop();
			second.join(TIMEOUT.toMillis());
			assertThat(second.isAlive()).isFalse();
		}
	}

	private static Thread start(CaptureLoop loop) {
		Thread thread = new Thread(loop, "capture");
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

}
