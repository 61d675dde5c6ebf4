package io.github.litestream4j.replication;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A snapshot waits for the file of level 0 that its TXID belongs to, and not for ever.
 */
class OrderedSnapshotsTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Progress progress = new Progress(Txid.ZERO);

	private FileReplicaStorage storage;

	private PositionFile positionFile;

	private PageChecksums checksums;

	private LiveDatabase database;

	private Connection connection;

	private Capture capture;

	private Snapshotter snapshotter;

	private SnapshotOrders orders;

	private OrderedSnapshots ordered;

	private PinnedWork work;

	@BeforeEach
	void open() throws Exception {
		Path file = this.folder.resolve("app.db");
		String url = "jdbc:sqlite:" + file;
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Staging staging = new Staging(this.folder.resolve("staging"));
		GenerationLog generations = new GenerationLog(this.storage, this.folder.resolve("staging"));
		Uploader uploader = TestUploaders.of(this.storage, staging, this.progress, generations);
		this.positionFile = new PositionFile(this.folder.resolve("position"));
		this.checksums = new PageChecksums(this.folder);
		this.database = LiveDatabase.open(new DatabaseSettings(file, url, Map.of(), TIMEOUT));
		this.connection = DriverManager.getConnection(url);
		execute("PRAGMA wal_autocheckpoint=0", "CREATE TABLE t(x)");
		this.capture = new Capture(this.database, staging, this.positionFile, this.progress, uploader, this.checksums);
		StormGuard guard = TestSnapshots.guard(this.progress, generations);
		// A reading that nobody waits for takes for ever
		this.snapshotter = new Snapshotter("app", this.storage, this.progress, guard, () -> {
		}, (nanos) -> {
			while (!Thread.currentThread().isInterrupted()) {
				LockSupport.parkNanos(1_000_000);
			}
		}, new Backoff());
		this.orders = new SnapshotOrders("app", this.storage, this.progress, guard, () -> {
		});
		this.ordered = new OrderedSnapshots(this.orders, this.capture, this.snapshotter, this.progress, TIMEOUT,
				Duration.ofMillis(100));
		this.work = new PinnedWork(this.capture, this.snapshotter, uploader, this.progress, this.storage, generations,
				this.ordered, TIMEOUT);
		this.capture.begin(Txid.FIRST, TIMEOUT);
		this.progress.snapshotStored(Txid.FIRST);
		this.progress.index().add(new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, Txid.FIRST)), 100);
	}

	@AfterEach
	void close() throws Exception {
		this.threads.shutdownNow();
		assertThat(this.threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		this.snapshotter.stop(TIMEOUT);
		this.connection.close();
		this.database.close();
		this.checksums.close();
		this.positionFile.close();
	}

	@Test
	void whoWaitsIsToldWhenTheStoragesClientBreaks() throws Exception {
		ReplicaStorage broken = (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("put")) {
						throw new NoClassDefFoundError("on demand");
					}
					return this.storage.url();
				});
		GenerationLog generations = new GenerationLog(broken, this.folder);
		Snapshotter breaking = new Snapshotter("app", broken, this.progress,
				TestSnapshots.guard(this.progress, generations), () -> {
				});
		SnapshotOrder order = new SnapshotOrder(Txid.FIRST);
		SnapshotFile snapshot = this.capture.pin(TIMEOUT);
		assertThat(snapshot).isNotNull();
		breaking.start(snapshot, order);
		long deadline = System.nanoTime() + TIMEOUT.toNanos();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> order.await(deadline, deadline))
			.withMessageContaining("on demand");
		assertThat(breaking.stop(TIMEOUT)).isTrue();
	}

	@Test
	void theGuardIsNotPinnedForAnUploadThatDoesNotCome() throws Exception {
		execute("INSERT INTO t VALUES (1)");
		this.capture.captureAll(null);
		Txid committed = this.capture.position().txid();
		this.progress.uploaded(committed);
		execute("INSERT INTO t VALUES (2)");
		Future<SnapshotResult> result = take(committed, TIMEOUT);
		assertThat(this.ordered.proceed()).isTrue();
		Txid pinned = committed.next();
		assertThat(this.capture.position().txid()).isEqualTo(pinned);
		Awaitility.await().atMost(TIMEOUT).until(() -> !this.ordered.proceed());
		assertThat(this.ordered.isPinned()).isFalse();
		assertThat(this.ordered.isWanted()).isTrue();
		assertThat(this.ordered.proceed()).as("it is tried when that is stored").isFalse();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).isEmpty();
		this.progress.uploaded(pinned);
		assertThat(this.ordered.proceed()).isTrue();
		assertThat(result.get(20, TimeUnit.SECONDS).txid()).isEqualTo(pinned);
		assertThat(this.ordered.isPinned()).isFalse();
		assertThat(this.ordered.isWanted()).isFalse();
	}

	@Test
	void aReadingThatNobodyWaitsForGivesWay() throws Exception {
		execute("INSERT INTO t VALUES (randomblob(30000000))");
		this.capture.captureAll(null);
		Txid committed = this.capture.position().txid();
		this.progress.uploaded(committed);
		this.work.proceed();
		assertThat(this.snapshotter.isBusy()).isTrue();
		Future<SnapshotResult> result = take(committed, TIMEOUT);
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			this.work.proceed();
			return result.isDone();
		});
		assertThat(result.get().txid()).isEqualTo(committed);
		assertThat(this.progress.failure()).isNull();
		assertThat(this.capture.isVerified()).as("a snapshot reads all pages too").isTrue();
	}

	@Test
	void whoWaitsNoMoreHasNone() throws Exception {
		execute("INSERT INTO t VALUES (1)");
		this.capture.captureAll(null);
		Txid committed = this.capture.position().txid();
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> this.orders.take((timeout) -> committed, Duration.ofMillis(50), Duration.ofMillis(50)))
			.withMessageContaining("it could not be begun");
		assertThat(this.ordered.isWanted()).isFalse();
		assertThat(this.ordered.proceed()).isFalse();
	}

	@Test
	void oneThatIsRefusedIsToldToAllWhoWait() throws Exception {
		Future<SnapshotResult> first = take(new Txid(2), TIMEOUT);
		Future<SnapshotResult> second = take(new Txid(3), TIMEOUT);
		this.work.fence(new ConflictException("another writer"));
		for (Future<SnapshotResult> one : List.of(first, second)) {
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> one.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(ConflictException.class)
				.withMessageContaining("another writer");
		}
	}

	@Test
	void aDamagedDatabaseHasNone() {
		this.progress.failed(ErrorStage.DATABASE, "page 7 is damaged");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> this.orders.take((timeout) -> Txid.FIRST, TIMEOUT, TIMEOUT))
			.withMessageContaining("page 7");
	}

	@Test
	void f30AWriterThatIsShutOutHasNone() {
		this.progress.fenced("another writer was there");
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> this.orders.take((timeout) -> Txid.FIRST, TIMEOUT, TIMEOUT))
			.withMessageContaining("another writer");
	}

	private Future<SnapshotResult> take(Txid committed, Duration timeout) {
		Future<SnapshotResult> result = this.threads
			.submit(() -> this.orders.take((wait) -> committed, timeout, timeout));
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			SnapshotOrder order = this.orders.next();
			return order != null && !order.least().isBefore(committed);
		});
		return result;
	}

	private void execute(String... statements) throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
