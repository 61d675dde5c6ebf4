package io.github.litestream4j.restore;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Restores from a storage that breaks off, falls silent, or loses files (F41, F42, F43).
 */
@Timeout(30)
class RestorerFaultTests {

	private static final LitestreamFixture FIXTURE = new LitestreamFixture("incremental-vacuum");

	@TempDir
	private Path folder;

	private Path data;

	private Path target;

	private String latest;

	private FileReplicaStorage stored;

	private InterceptedStorage storage;

	private final CountDownLatch end = new CountDownLatch(1);

	@BeforeEach
	void setUp() throws IOException {
		Path replica = FIXTURE.copyTo(this.folder);
		this.stored = new FileReplicaStorage(replica);
		this.storage = new InterceptedStorage(this.stored);
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.latest = FIXTURE.expected().get("latest").get("file_sha256").asString();
	}

	@AfterEach
	void leavesNoThread() {
		this.end.countDown();
		Awaitility.await()
			.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).map(Thread::getName)
				.noneMatch((name) -> name.startsWith("litestream-restore-")));
	}

	@Test
	void f41GoesOnWhereAConnectionBroke() throws IOException {
		this.storage.reading((key, offset, length) -> new Breaking(this.stored.read(key, offset, length), 20_000));
		restore(settings(4 * 1024 * 1024, Duration.ofSeconds(20)), 2);
		assertRestored();
		assertThat(this.storage.readRequests).hasValueGreaterThanOrEqualTo(5);
	}

	@Test
	void f41AConnectionThatNeverGetsAnywhereIsGivenUp() {
		this.storage.reading((key, offset, length) -> new Breaking(this.stored.read(key, offset, length), 1));
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> restore(settings(4 * 1024 * 1024, Duration.ofSeconds(20)), 2))
			.withMessageContaining("level 9 0000000000000001-0000000000000005.ltx from " + this.stored.url())
			.withMessageContaining("failed 5 times in a row")
			.withMessageContaining("broken off")
			.withCauseInstanceOf(IOException.class);
		assertThat(this.storage.readRequests).hasValue(5);
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void f41AStorageThatComesBackIsAskedAgain() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		this.storage.reading((key, offset, length) -> {
			if (requests.incrementAndGet() % 4 != 0) {
				throw new StorageUnavailableException("503 slow down");
			}
			return this.stored.read(key, offset, length);
		});
		restore(settings(30_000, Duration.ofSeconds(20)), 1);
		assertRestored();
	}

	@Test
	void f42ASilentStreamIsReplaced() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		this.storage.reading((key, offset, length) -> {
			InputStream in = this.stored.read(key, offset, length);
			return (requests.getAndIncrement() % 3 == 0) ? new Silent(in, 5000, true) : in;
		});
		restore(settings(20_000, Duration.ofMillis(100)), 3);
		assertRestored();
	}

	@Test
	void f42ASilentStreamThatCannotBeClosedIsReplacedToo() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		this.storage.reading((key, offset, length) -> {
			InputStream in = this.stored.read(key, offset, length);
			return (requests.getAndIncrement() == 0) ? new Silent(in, 5000, false) : in;
		});
		restore(settings(20_000, Duration.ofMillis(100)), 3);
		assertRestored();
	}

	@Test
	void f42AStorageThatStaysSilentIsGivenUp() {
		this.storage.reading((key, offset, length) -> new Silent(this.stored.read(key, offset, length), 0, true));
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> restore(settings(4 * 1024 * 1024, Duration.ofMillis(50)), 2))
			.withMessageContaining("only 0 bytes came in 50 ms");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void f42AStreamThatTricklesIsAsGoodAsSilent() {
		this.storage.reading((key, offset, length) -> new Trickling(this.stored.read(key, offset, length)));
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> restore(settings(4 * 1024 * 1024, Duration.ofMillis(100)), 1))
			.withMessageContaining("failed 5 times in a row")
			.withMessageMatching("(?s).*only [1-9][0-9]? bytes came in 100 ms.*");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void lateBytesOfAReplacedStreamDoNoHarm() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		CountDownLatch replaced = new CountDownLatch(1);
		this.storage.reading((key, offset, length) -> {
			if (requests.getAndIncrement() == 0) {
				return new Late(new byte[(int) length], replaced);
			}
			replaced.countDown();
			return this.stored.read(key, offset, length);
		});
		restore(settings(20_000, Duration.ofMillis(100)), 1);
		assertRestored();
	}

	@Test
	void f43PlansAgainWhenAFileHasGone() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		this.storage.reading((key, offset, length) -> {
			if (requests.getAndIncrement() == 1) {
				this.stored.delete(Set.of(key));
				throw new MissingFileException(key + " is gone");
			}
			return this.stored.read(key, offset, length);
		});
		RestoreResult result = restore(settings(50_000, Duration.ofSeconds(20)), 1);
		assertRestored();
		assertThat(result.files()).isGreaterThan(1);
	}

	@Test
	void plansAgainABoundedNumberOfTimes() {
		this.storage.reading((key, offset, length) -> {
			throw new MissingFileException(key + " is gone, but listed");
		});
		assertThatExceptionOfType(MissingFileException.class)
			.isThrownBy(() -> restore(settings(50_000, Duration.ofSeconds(20)), 1))
			.withMessageContaining("is gone, but listed");
		assertThat(this.storage.readRequests).hasValue(5);
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void anErrorThatNoRetryMendsEndsTheRestore() {
		ConfigurationException failure = new ConfigurationException("no credentials");
		this.storage.reading((key, offset, length) -> {
			throw failure;
		});
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> restore(settings(10_000, Duration.ofSeconds(20)), 4))
			.isSameAs(failure);
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void anInterruptEndsTheRestore() {
		this.storage.reading((key, offset, length) -> {
			this.caller.interrupt();
			return new Silent(this.stored.read(key, offset, length), 0, true);
		});
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> restore(settings(10_000, Duration.ofSeconds(20)), 4))
			.withMessageContaining("was interrupted");
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.data).isEmptyDirectory();
	}

	private final Thread caller = Thread.currentThread();

	@Test
	void readsSeveralRangesAtOnceAndNoMoreThanAsked() throws IOException {
		Set<LtxKey> open = ConcurrentHashMap.newKeySet();
		AtomicInteger now = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		CountDownLatch four = new CountDownLatch(4);
		this.storage.reading((key, offset, length) -> {
			most.accumulateAndGet(now.incrementAndGet(), Math::max);
			open.add(key);
			four.countDown();
			await(four);
			return new FilterInputStream(this.stored.read(key, offset, length)) {

				@Override
				public void close() throws IOException {
					now.decrementAndGet();
					super.close();
				}

			};
		});
		restore(settings(5000, Duration.ofSeconds(20)), 4);
		assertRestored();
		assertThat(most).hasValueBetween(2, 8);
		assertThat(open).isNotEmpty();
	}

	private RestoreResult restore(FetchSettings settings, int parallelism) {
		RestoreRequest request = new RestoreRequest(this.target, null, null, IntegrityCheck.QUICK, parallelism);
		return new Restorer(this.storage, settings, Clock.systemUTC()).restore(request).orElseThrow();
	}

	private static FetchSettings settings(int rangeSize, Duration silence) {
		return new FetchSettings(rangeSize, 5, 4096, Duration.ofMillis(1), Duration.ofMillis(5), silence);
	}

	private void assertRestored() throws IOException {
		assertThat(LitestreamFixture.sha256(this.target)).isEqualTo(this.latest);
		try (Stream<Path> files = Files.list(this.data)) {
			assertThat(files).containsExactly(this.target);
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StorageUnavailableException("interrupted", ex);
		}
	}

	/**
	 * Breaks off after some bytes.
	 */
	private static final class Breaking extends FilterInputStream {

		private int left;

		Breaking(InputStream in, int left) {
			super(in);
			this.left = left;
		}

		@Override
		public int read(byte[] into, int offset, int length) throws IOException {
			if (this.left == 0) {
				throw new IOException("broken off");
			}
			int count = super.read(into, offset, Math.min(length, this.left));
			this.left -= Math.max(count, 0);
			return count;
		}

	}

	/**
	 * Gives some bytes and then nothing, until it is closed or the test ends.
	 */
	private final class Silent extends FilterInputStream {

		private int left;

		private final boolean wakes;

		private final CountDownLatch closed = new CountDownLatch(1);

		Silent(InputStream in, int left, boolean wakes) {
			super(in);
			this.left = left;
			this.wakes = wakes;
		}

		@Override
		public int read(byte[] into, int offset, int length) throws IOException {
			if (this.left == 0) {
				await(this.wakes ? this.closed : RestorerFaultTests.this.end);
				throw new IOException("closed");
			}
			int count = super.read(into, offset, Math.min(length, this.left));
			this.left -= Math.max(count, 0);
			return count;
		}

		@Override
		public void close() throws IOException {
			this.closed.countDown();
			super.close();
		}

	}

	/**
	 * Gives a byte every now and then.
	 */
	private final class Trickling extends FilterInputStream {

		Trickling(InputStream in) {
			super(in);
		}

		@Override
		public int read(byte[] into, int offset, int length) throws IOException {
			try {
				if (RestorerFaultTests.this.end.await(5, TimeUnit.MILLISECONDS)) {
					throw new IOException("the test has ended");
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IOException(ex);
			}
			return super.read(into, offset, 1);
		}

	}

	/**
	 * Gives its bytes when another stream has been opened in its place.
	 */
	private static final class Late extends ByteArrayInputStream {

		private final CountDownLatch replaced;

		Late(byte[] bytes, CountDownLatch replaced) {
			super(bytes);
			this.replaced = replaced;
		}

		@Override
		public synchronized int read(byte[] into, int offset, int length) {
			await(this.replaced);
			return super.read(into, offset, length);
		}

	}

}
