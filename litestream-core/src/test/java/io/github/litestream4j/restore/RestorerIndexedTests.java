package io.github.litestream4j.restore;

import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Restores of a history that is larger than its database.
 */
@Timeout(120)
class RestorerIndexedTests {

	private static final int PAGE_SIZE = 65536;

	@TempDir
	private Path folder;

	private Path data;

	private Path target;

	private RandomHistory history;

	private ReplicaStorage stored;

	private final Random random = new Random(20261123);

	@BeforeEach
	void setUp() throws IOException {
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.target = this.data.resolve("app.db");
		this.history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 24, this.random);
		for (int i = 0; i < 12; i++) {
			this.history.change(7);
		}
		this.stored = this.history.replica().storage();
	}

	@Test
	void f40NoDamageGivesAWrongDatabase() throws IOException {
		List<StoredFile> files = new RestorePlanner(this.stored).plan(null, null).orElseThrow().files();
		int failed = 0;
		for (int index : new int[] { 0, 1, 6, 10, 11, 12 }) {
			StoredFile file = files.get(index);
			Path path = this.folder.resolve("replica/ltx/" + file.key().level() + "/" + file.key().name());
			byte[] bytes = Files.readAllBytes(path);
			for (byte[] damaged : damages(bytes)) {
				Files.write(path, damaged);
				failed += assertFailsOrRestores(file) ? 1 : 0;
			}
			Files.write(path, bytes);
		}
		assertThat(failed).isGreaterThan(50);
		assertThat(restore(this.stored)).hasBinaryContent(this.history.state(this.history.last()));
	}

	private List<byte[]> damages(byte[] bytes) {
		List<byte[]> damages = new ArrayList<>();
		for (int length : new int[] { 0, 1, 23, 24, 99, 100, 130, bytes.length / 2, bytes.length - 30,
				bytes.length - 24, bytes.length - 1, bytes.length + 1 }) {
			damages.add(Arrays.copyOf(bytes, length));
		}
		for (int i = 0; i < 6; i++) {
			byte[] damaged = bytes.clone();
			damaged[this.random.nextInt(bytes.length)] ^= (byte) (1 + this.random.nextInt(255));
			damages.add(damaged);
		}
		for (int back = 1; back < 80; back += 9) {
			byte[] damaged = bytes.clone();
			damaged[bytes.length - back] ^= (byte) (1 + this.random.nextInt(255));
			damages.add(damaged);
		}
		byte[] garbage = bytes.clone();
		for (int i = bytes.length - 40; i < bytes.length - 24; i++) {
			garbage[i] = (byte) this.random.nextInt();
		}
		damages.add(garbage);
		return damages;
	}

	private boolean assertFailsOrRestores(StoredFile file) throws IOException {
		try {
			assertThat(restore(this.stored)).hasBinaryContent(this.history.state(this.history.last()));
			return false;
		}
		catch (CorruptDataException ex) {
			assertThat(ex).hasMessageContaining(file.key().toString());
			assertThat(this.data).isEmptyDirectory();
			return true;
		}
	}

	@Test
	void refusesADatabaseThatTheWriterDidNotHave() {
		long last = this.history.last();
		byte[] other = this.history.state(last - 1);
		int at = PAGE_SIZE;
		while (!Arrays.equals(other, at, at + PAGE_SIZE, this.history.state(last), at, at + PAGE_SIZE)) {
			at += PAGE_SIZE;
		}
		// A page that the last file does not write
		other[at]++;
		this.history.replica().change(last - 1, this.history.state(last - 2), other, PAGE_SIZE);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restore(this.stored))
			.withMessageContaining("but its writer stored")
			.withMessageContaining("one of the 13 files that it is made of is not of this history");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void aWriterThatForgotPagesIsFound() {
		this.history.resize(9);
		this.history.resize(20);
		byte[] last = this.history.state(this.history.last());
		long txid = this.history.last();
		ReplicaStorage storage = this.history.replica().storage();
		long checksum = storage
			.databaseChecksum(storage.find(new LtxKey(0, LtxFileName.of(new Txid(txid)))).orElseThrow())
			.orElseThrow();
		this.history.replica()
			.store(0, txid, txid, PAGE_SIZE, 20, new TreeMap<>(TestReplica.pages(last, PAGE_SIZE).headMap(2L)))
			.checksum(0, txid, txid, checksum);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> restore(this.stored))
			.withMessageContaining("but its writer stored");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void f41GoesOnWhereAConnectionBroke() throws IOException {
		AtomicInteger requests = new AtomicInteger();
		InterceptedStorage storage = new InterceptedStorage(this.stored).reading((key, offset, length) -> {
			requests.incrementAndGet();
			return new FilterInputStream(this.stored.read(key, offset, length)) {

				private int left = 20_000;

				@Override
				public int read(byte[] into, int at, int count) throws IOException {
					if (this.left == 0) {
						throw new IOException("broken off");
					}
					int read = super.read(into, at, Math.min(count, this.left));
					this.left -= Math.max(read, 0);
					return read;
				}

			};
		});
		FetchSettings settings = new FetchSettings(1 << 20, 5, 4096, Duration.ofMillis(1), Duration.ofMillis(2),
				Duration.ofSeconds(20));
		new Restorer(storage, settings, Clock.systemUTC()).restore(request());
		assertThat(this.target).hasBinaryContent(this.history.state(this.history.last()));
		assertThat(requests.get()).isGreaterThan(24);
	}

	/**
	 * Files vanish while they are needed, as soon as a merged one has what is in them.
	 */
	@Test
	void f43OutlivesRetention() throws IOException {
		for (int i = 0; i < 30; i++) {
			this.history.change(3);
		}
		for (int min = 2; min < 42; min += 4) {
			this.history.merge(1, min, min + 3);
		}
		this.history.merge(2, 2, 13);
		this.history.merge(2, 14, 29);
		this.history.snapshot(20);
		List<StoredFile> all = ReplicaFiles.of(this.stored).all();
		int restored = 0;
		for (int round = 0; round < 10; round++) {
			AtomicInteger requests = new AtomicInteger();
			int every = 1 + this.random.nextInt(6);
			InterceptedStorage storage = new InterceptedStorage(this.stored).reading((key, offset, length) -> {
				if (requests.incrementAndGet() % every == 0) {
					letGo(key);
				}
				return this.stored.read(key, offset, length);
			});
			assertThat(restore(storage)).hasBinaryContent(this.history.state(this.history.last()));
			restored++;
		}
		assertThat(restored).isEqualTo(10);
		assertThat(ReplicaFiles.of(this.stored).all()).hasSizeLessThan(all.size() - 10);
	}

	/**
	 * Delete the file that is about to be read, and one more, where others cover them.
	 */
	private synchronized void letGo(LtxKey key) {
		List<StoredFile> files = ReplicaFiles.of(this.stored).all();
		List<LtxKey> covered = files.stream()
			.map(StoredFile::key)
			.filter((file) -> files.stream()
				.anyMatch((other) -> other.key().level() > file.level() && other.key().level() < 9
						&& other.key().name().contains(file.name().min())
						&& other.key().name().contains(file.name().max())))
			.toList();
		if (covered.contains(key)) {
			this.stored.delete(Set.of(key));
		}
		if (!covered.isEmpty()) {
			this.stored.delete(Set.of(covered.get(this.random.nextInt(covered.size()))));
		}
	}

	@Test
	void tellsHowFarItIs() {
		List<RestoreStatus> statuses = new ArrayList<>();
		RestoreResult result = new Restorer(this.stored, statuses::add).restore(request()).orElseThrow();
		RestoreStatus last = statuses.get(statuses.size() - 1);
		assertThat(last.bytesRead()).isEqualTo(result.bytesRead()).isEqualTo(last.bytesTotal()).isPositive();
		assertThat(last.pages()).isEqualTo(24).isEqualTo(last.pagesTotal());
		assertThat(last.elapsed()).isPositive();
		assertThat(statuses).allMatch((status) -> status.bytesRead() <= status.bytesTotal());
	}

	@Test
	void previewsWhatItWouldDo() {
		long states = this.history.last();
		RestorePreview preview = new Restorer(this.stored).plan(request().to(new Txid(states - 1))).orElseThrow();
		assertThat(preview.txid()).isEqualTo(new Txid(states - 1));
		assertThat(preview.time()).isEqualTo(Instant.ofEpochSecond(states - 1));
		assertThat(preview.files()).hasSize((int) states - 1);
		assertThat(preview.bytes()).isEqualTo(preview.files().stream().mapToLong(StoredFile::size).sum());
		assertThat(preview.pageSize()).isEqualTo(PAGE_SIZE);
		assertThat(preview.pageCount()).isEqualTo(24);
		assertThat(this.data).isEmptyDirectory();
		TestReplica empty = new TestReplica(this.folder.resolve("empty"));
		assertThat(new Restorer(empty.storage()).plan(request())).isEmpty();
	}

	@Test
	void readsSmallFilesWithOneRequestEach() throws IOException {
		Path folder = this.folder.resolve("small");
		RandomHistory small = new RandomHistory(folder, 4096, 600, this.random);
		for (int i = 0; i < 300; i++) {
			small.change(1);
		}
		AtomicInteger requests = new AtomicInteger();
		AtomicLong bytes = new AtomicLong();
		ReplicaStorage storage = new ObservedStorage(small.replica().storage(),
				(operation, success, sent, received) -> {
					requests.addAndGet(operation.equals("read") ? 1 : 0);
					bytes.addAndGet(received);
				});
		assertThat(restore(storage)).hasBinaryContent(small.state(small.last()));
		System.out.println("300 small files: " + requests + " requests, " + bytes + " bytes");
		assertThat(requests.get()).isLessThan(600);
	}

	private RestoreRequest request() {
		return RestoreRequest.latest(this.target).with(IntegrityCheck.NONE);
	}

	/**
	 * @return a file that is deleted with the next call
	 */
	private Path restore(ReplicaStorage storage) throws IOException {
		Path result = this.folder.resolve("restored");
		new Restorer(storage).restore(request());
		return Files.move(this.target, result, StandardCopyOption.REPLACE_EXISTING);
	}

}
