package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start costs: one reading of the file, for which nobody waits.
 */
class PageVerificationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	@TempDir
	Path folder;

	private ReplicatorSettings settings;

	private FileReplicaStorage storage;

	@BeforeEach
	void prepare() throws Exception {
		// Nothing else reads: no merge, and no drill
		this.settings = ReplicatorSettings.of("app", this.folder.resolve("app.db"))
			.withSyncInterval(Duration.ZERO)
			.with(new HistorySettings(List.of(), Duration.ofMinutes(5), Duration.ZERO, Duration.ofHours(24), false,
					false, Duration.ZERO));
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		try (Replicator replicator = Replicator.open(this.settings, this.storage);
				Connection connection = connect();
				Statement statement = connection.createStatement()) {
			replicator.start();
			statement.execute("CREATE TABLE t(x)");
			for (int i = 0; i < 5; i++) {
				statement.execute("INSERT INTO t VALUES (randomblob(4000000))");
			}
			replicator.sync(TIMEOUT);
			awaitReading();
		}
		// Whoever closes it last copies the WAL back, and the next start begins at the
		// file
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
		}
		try (Replicator replicator = Replicator.open(this.settings, this.storage);
				Connection connection = connect();
				Statement statement = connection.createStatement()) {
			replicator.start();
			replicator.sync(TIMEOUT);
			awaitReading();
			statement.execute("INSERT INTO t VALUES (1)");
			replicator.sync(TIMEOUT);
		}
	}

	/** With the checksums of the pages, and without. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aStartReadsTheFileOnce(boolean known) throws Exception {
		if (!known) {
			Files.delete(this.settings.stagingDirectory().resolve("checksums"));
			Files.delete(this.settings.stagingDirectory().resolve("checksums-change"));
		}
		long before = bytesRead();
		long read;
		try (Replicator replicator = Replicator.open(this.settings, this.storage)) {
			replicator.start();
			replicator.sync(TIMEOUT);
			awaitReading();
			// Longer than any retry takes: there is no second reading
			Awaitility.await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
			assertThat(replicator.status().failure()).isNull();
			read = bytesRead() - before;
		}
		long size = Files.size(this.settings.database());
		System.out.printf("a start read %d bytes, of a file of %d%n", read, size);
		assertThat(read).isBetween(size, size * 3 / 2);
	}

	@Test
	void neitherTheStartNorACommitWaitsForTheReading() throws Exception {
		CountDownLatch gate = new CountDownLatch(1);
		AtomicInteger slices = new AtomicInteger();
		Pace pace = (nanos) -> {
			slices.incrementAndGet();
			await(gate);
		};
		Progress progress = new Progress(Txid.ZERO);
		Staging staging = new Staging(this.settings.stagingDirectory());
		GenerationLog generations = new GenerationLog(this.storage, this.settings.stagingDirectory());
		Uploader uploader = TestUploaders.of(this.storage, staging, progress, generations);
		try (PositionFile positionFile = new PositionFile(this.settings.stagingDirectory().resolve("position"));
				PageChecksums checksums = new PageChecksums(this.settings.stagingDirectory());
				LiveDatabase database = LiveDatabase.open(new DatabaseSettings(this.settings.database(),
						this.settings.jdbcUrl(), Map.of(), this.settings.busyTimeout()));
				Connection connection = connect();
				Statement statement = connection.createStatement()) {
			Capture capture = new Capture(database, staging, positionFile, progress, uploader, checksums);
			Snapshotter snapshotter = new Snapshotter("app", this.storage, progress,
					TestSnapshots.guard(progress, generations), () -> {
					}, pace, new Backoff());
			PinnedWork pinnedWork = new PinnedWork(capture, snapshotter, uploader, progress, this.storage, generations,
					TestSnapshots.none(capture, snapshotter, progress, this.storage, generations),
					this.settings.busyTimeout());
			CapturePosition left = Optional.of(positionFile).flatMap(PositionFile::position).orElseThrow();
			assertThat(capture.recall(left)).isTrue();
			capture.continueFrom(left);
			pinnedWork.proceed();
			Awaitility.await().atMost(TIMEOUT).until(() -> slices.get() == 1);
			statement.execute("PRAGMA wal_autocheckpoint=0");
			for (int i = 0; i < 20; i++) {
				Txid before = capture.position().txid();
				statement.execute("UPDATE t SET x = randomblob(4000000) WHERE rowid = " + (1 + i % 5));
				assertThat(capture.captureAll(null)).isTrue();
				assertThat(capture.position().txid()).isEqualTo(before.next());
				assertThat(capture.position().checksum()).as("known meanwhile").isNotZero();
				pinnedWork.proceed();
			}
			assertThat(slices).as("all that time it stood still").hasValue(1);
			assertThat(capture.isVerified()).isFalse();
			gate.countDown();
			Awaitility.await().atMost(TIMEOUT).until(capture::isVerified);
			assertThat(progress.isDamaged()).as("what was changed meanwhile is passed over").isFalse();
			assertThat(checksums.total()).hasValue(capture.position().checksum());
			assertThat(slices).hasValueGreaterThan(10);
		}
	}

	private static void await(CountDownLatch gate) {
		try {
			if (!gate.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
				throw new IllegalStateException("the gate stayed closed");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Connection connect() throws Exception {
		return DriverManager.getConnection(this.settings.jdbcUrl());
	}

	private static void awaitReading() {
		Awaitility.await()
			.atMost(TIMEOUT)
			.during(Duration.ofMillis(200))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().endsWith("-snapshot")));
	}

	/** By this process, through the system, however it asked. */
	private static long bytesRead() throws IOException {
		return Files.readAllLines(Path.of("/proc/self/io"))
			.stream()
			.filter((line) -> line.startsWith("rchar:"))
			.mapToLong((line) -> Long.parseLong(line.substring(6).strip()))
			.findFirst()
			.orElseThrow();
	}

}
