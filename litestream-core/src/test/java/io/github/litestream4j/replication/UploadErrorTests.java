package io.github.litestream4j.replication;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A storage that fails is tried again, in order, and blocks nobody.
 */
class UploadErrorTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	Path folder;

	private final Progress progress = new Progress(Txid.ZERO);

	@Test
	void f63StoresInOrderAfterAHundredFailuresInARow() throws Exception {
		FileReplicaStorage stored = new FileReplicaStorage(this.folder.resolve("replica"));
		FaultyStorage storage = new FaultyStorage(stored);
		Staging staging = new Staging(this.folder.resolve("staging"));
		Uploader uploader = uploader(storage, staging);
		storage.failNext(Operation.PUT_IF_ABSENT, 100);
		for (long txid = 1; txid <= 10; txid++) {
			uploader.add(staging.write(new Txid(txid), Instant.EPOCH, new byte[100], OptionalLong.empty(), 0));
		}
		runUntilStored(uploader, new Txid(10));
		assertThat(stored.list(0)).extracting((file) -> file.key().name().min().value())
			.containsExactly(LongStream.rangeClosed(1, 10).boxed().toArray(Long[]::new));
		assertThat(storage.calls(Operation.PUT_IF_ABSENT)).isEqualTo(100 + 10);
		assertThat(this.progress.errors().count(ErrorStage.UPLOAD)).isEqualTo(100);
		assertThat(this.progress.failure()).isNull();
	}

	@Test
	void f62AnUploadThatFailsAtAnyByteIsMadeAgainAndLeavesNoStreamOpen() throws Exception {
		Staging staging = new Staging(this.folder.resolve("staging"));
		int length = 700;
		CutStorage storage = new CutStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		Uploader uploader = uploader(storage.proxy(), staging);
		StagedFile staged = staging.write(Txid.FIRST, Instant.EPOCH, new byte[length], OptionalLong.empty(), 0);
		uploader.add(new StagedFile(staged.txid(), staged.timestamp(), staged.path(),
				storage.counted(Content.of(staged.path(), length)), staged.checksum(), staged.since()));
		runUntilStored(uploader, Txid.FIRST);
		assertThat(this.progress.errors().count(ErrorStage.UPLOAD)).as("one for each byte").isEqualTo(length);
		assertThat(storage.open).hasValue(0);
	}

	@Test
	void f62ASnapshotWhoseUploadFailsAtAnyByteEndsAndIsMadeAgain() throws Exception {
		Path file = this.folder.resolve("app.db");
		String url = "jdbc:sqlite:" + file;
		FileReplicaStorage stored = new FileReplicaStorage(this.folder.resolve("replica"));
		CutStorage storage = new CutStorage(stored);
		Staging staging = new Staging(this.folder.resolve("staging"));
		Snapshotter snapshotter = new Snapshotter("app", storage.proxy(), this.progress,
				TestSnapshots.guard(this.progress, generations()), () -> {
				}, Pace.GENTLE, new Backoff(Duration.ofNanos(2), Duration.ofNanos(2)));
		try (PositionFile positionFile = new PositionFile(this.folder.resolve("position"));
				PageChecksums checksums = new PageChecksums(this.folder);
				LiveDatabase database = LiveDatabase.open(new DatabaseSettings(file, url, Map.of(), TIMEOUT));
				Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t(x)");
			Capture capture = new Capture(database, staging, positionFile, this.progress, uploader(stored, staging),
					checksums);
			SnapshotFile first = capture.begin(Txid.FIRST, TIMEOUT);
			PinnedWork work = new PinnedWork(capture, snapshotter, uploader(stored, staging), this.progress, stored,
					generations(), TestSnapshots.none(capture, snapshotter, this.progress, stored, generations()),
					TIMEOUT);
			work.snapshotFirst(first, null, "first-start");
			while (this.progress.isSnapshotMissing()) {
				work.proceed();
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(1))
					.atMost(TIMEOUT)
					.until(snapshotter::isReady);
			}
		}
		long length = stored.list(LtxKey.SNAPSHOT_LEVEL).get(0).size();
		assertThat(this.progress.errors().count(ErrorStage.SNAPSHOT)).isEqualTo(length).isGreaterThan(100);
		assertThat(this.progress.failure()).isNull();
	}

	private GenerationLog generations() {
		return new GenerationLog(new FileReplicaStorage(this.folder.resolve("replica")), this.folder);
	}

	private Uploader uploader(ReplicaStorage storage, Staging staging) {
		return TestUploaders.of(storage, staging, this.progress, generations(), () -> {
		}, new Backoff(Duration.ofNanos(200), Duration.ofMillis(1)));
	}

	private void runUntilStored(Uploader uploader, Txid txid) throws InterruptedException {
		Thread thread = new Thread(uploader);
		thread.start();
		try {
			assertThat(this.progress.awaitReplicated(txid, System.nanoTime() + TIMEOUT.toNanos())).isTrue();
		}
		finally {
			uploader.stop();
			thread.join(TIMEOUT.toMillis());
		}
		assertThat(thread.isAlive()).isFalse();
	}

	/**
	 * Takes one byte more of each file than the time before, and fails, until it is
	 * whole.
	 */
	private static final class CutStorage {

		private final ReplicaStorage storage;

		private final AtomicInteger open = new AtomicInteger();

		private long limit;

		CutStorage(ReplicaStorage storage) {
			this.storage = storage;
		}

		ReplicaStorage proxy() {
			return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
					new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("putIfAbsent")) {
							drain((Content) arguments[1]);
						}
						else if (method.getName().equals("put")) {
							arguments[2] = cut((BodyWriter) arguments[2]);
						}
						try {
							return method.invoke(this.storage, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getCause();
						}
					});
		}

		private void drain(Content content) throws IOException {
			try (InputStream in = content.open()) {
				long taken = in.readNBytes((int) this.limit).length;
				if (this.limit++ < content.length()) {
					throw new StorageUnavailableException("the connection broke after " + taken + " bytes");
				}
			}
		}

		private BodyWriter cut(BodyWriter body) {
			long left = this.limit++;
			return (out) -> body.writeTo(new OutputStream() {

				private long written;

				@Override
				public void write(int one) throws IOException {
					if (this.written++ == left) {
						throw new IOException("the connection broke after " + left + " bytes");
					}
					out.write(one);
				}

			});
		}

		Content counted(Content content) {
			return new Content() {

				@Override
				public long length() {
					return content.length();
				}

				@Override
				public InputStream open() throws IOException {
					CutStorage.this.open.incrementAndGet();
					return new FilterInputStream(content.open()) {

						@Override
						public void close() throws IOException {
							CutStorage.this.open.decrementAndGet();
							super.close();
						}

					};
				}

			};
		}

	}

}
