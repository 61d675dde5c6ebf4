package io.github.litestream4j.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What every {@link ReplicaStorage} owes to a single file: the part of
 * {@link AbstractReplicaStorageTests} about its bytes, its time and its checksum.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
abstract class AbstractStoredFileTests {

	protected static final Instant TIME = Instant.parse("2026-03-04T05:06:07.089Z");

	ReplicaStorage storage;

	/**
	 * Open a storage; those of one place within one test see the same files.
	 */
	protected abstract ReplicaStorage open(String place);

	/**
	 * How many bytes a file has that is not stored at one go.
	 */
	protected abstract int bigSize();

	/**
	 * How many bytes a file has at least. No LTX file is empty.
	 */
	protected int leastSize() {
		return 0;
	}

	@BeforeEach
	void openStorage() {
		this.storage = open("app");
	}

	@Test
	void keepsTheChecksumOfTheDatabase() {
		FileAttributes attributes = new FileAttributes(TIME, OptionalLong.of(0x8123456789abcdefL));
		assertThat(this.storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), attributes)).isTrue();
		assertThat(this.storage.putIfAbsent(key(0, 2), Content.of(bytes(10, 2)), TIME)).isTrue();
		this.storage.put(key(LtxKey.SNAPSHOT_LEVEL, 1), TIME, (out) -> out.write(bytes(10, 3)));
		this.storage.putDatabaseChecksum(key(LtxKey.SNAPSHOT_LEVEL, 1), -2);
		// One that comes too late changes nothing
		this.storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 4)), new FileAttributes(TIME, OptionalLong.of(-1)));
		assertThat(this.storage.databaseChecksum(this.storage.list(0).get(0))).hasValue(0x8123456789abcdefL);
		assertThat(this.storage.databaseChecksum(this.storage.list(0).get(1))).isEmpty();
		StoredFile snapshot = this.storage.list(LtxKey.SNAPSHOT_LEVEL).get(0);
		assertThat(this.storage.databaseChecksum(snapshot)).hasValue(-2);
		assertThat(this.storage.timestamp(this.storage.list(0).get(0))).isEqualTo(TIME);
	}

	@Test
	void storesAndReadsBack() throws IOException {
		byte[] bytes = bytes(10_000, 1);
		assertThat(put(key(0, 7), bytes)).isTrue();
		assertThat(read(key(0, 7), 0, bytes.length)).isEqualTo(bytes);
		StoredFile file = this.storage.list(0).get(0);
		assertThat(file.key()).isEqualTo(key(0, 7));
		assertThat(file.size()).isEqualTo(10_000);
		assertThat(this.storage.list(1)).isEmpty();
		assertThat(this.storage.find(key(0, 7))).hasValue(file);
		assertThat(this.storage.find(key(0, 6))).isEmpty();
		assertThat(this.storage.find(key(1, 7))).isEmpty();
	}

	@Test
	void storesTheSmallestFile() throws IOException {
		assertThat(put(key(0, 1), bytes(leastSize(), 1))).isTrue();
		assertThat(this.storage.list(0)).singleElement().extracting(StoredFile::size).isEqualTo((long) leastSize());
		assertThat(read(key(0, 1), 0, leastSize())).isEqualTo(bytes(leastSize(), 1));
	}

	@Test
	void readsRanges() throws IOException {
		byte[] bytes = bytes(5_000, 2);
		put(key(3, 1), bytes);
		assertThat(read(key(3, 1), 0, 1)).containsExactly(bytes[0]);
		assertThat(read(key(3, 1), 4_999, 1)).containsExactly(bytes[4_999]);
		assertThat(read(key(3, 1), 1_000, 2_000)).isEqualTo(Arrays.copyOfRange(bytes, 1_000, 3_000));
		assertThat(read(key(3, 1), 2_000, 0)).isEmpty();
		try (InputStream in = this.storage.read(key(3, 1), 4_998, 2)) {
			assertThat(in.read()).isEqualTo(bytes[4_998] & 0xff);
			assertThat(in.read()).isEqualTo(bytes[4_999] & 0xff);
			assertThat(in.read()).isEqualTo(-1);
		}
	}

	@Test
	void failsWhenAFileEndsBeforeTheRange() {
		put(key(0, 1), bytes(100, 3));
		assertThat(catchThrowable(() -> read(key(0, 1), 50, 51))).isInstanceOfAny(IOException.class,
				StorageUnavailableException.class);
		assertThat(catchThrowable(() -> read(key(0, 1), 200, 10))).isInstanceOfAny(IOException.class,
				StorageUnavailableException.class);
	}

	@Test
	void refusesARangeThatIsNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.storage.read(key(0, 1), -1, 1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.storage.read(key(0, 1), 0, -1));
	}

	@Test
	void closesAStreamBeforeItsEnd() throws IOException {
		byte[] bytes = bytes(bigSize(), 4);
		put(key(0, 1), bytes);
		for (int i = 0; i < 60; i++) {
			try (InputStream in = this.storage.read(key(0, 1), 0, bytes.length)) {
				assertThat(in.read()).isEqualTo(bytes[0] & 0xff);
			}
		}
	}

	@Test
	void namesAMissingFile() {
		put(key(0, 1), bytes(10, 5));
		StoredFile file = this.storage.list(0).get(0);
		this.storage.delete(List.of(key(0, 1)));
		assertThatExceptionOfType(MissingFileException.class)
			.isThrownBy(() -> this.storage.read(key(0, 1), 0, 10).close())
			.withMessageContaining("0000000000000001-0000000000000001.ltx");
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(() -> this.storage.timestamp(file))
			.withMessageContaining("0000000000000001-0000000000000001.ltx");
	}

	@Test
	void doesNotReplaceWhatStandsThere() throws IOException {
		assertThat(put(key(0, 1), bytes(100, 6))).isTrue();
		assertThat(put(key(0, 1), bytes(200, 7))).isFalse();
		assertThat(read(key(0, 1), 0, 100)).isEqualTo(bytes(100, 6));
	}

	@Test
	void storesBigContent() throws IOException {
		byte[] bytes = bytes(bigSize(), 10);
		assertThat(put(key(9, 1, 20), bytes)).isTrue();
		assertThat(read(key(9, 1, 20), 0, bytes.length)).isEqualTo(bytes);
		assertThat(put(key(9, 1, 20), bytes(bigSize(), 11))).isFalse();
		assertThat(read(key(9, 1, 20), bytes.length - 10, 10))
			.isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 10, bytes.length));
		assertThat(this.storage.timestamp(this.storage.list(9).get(0))).isEqualTo(TIME);
	}

	@Test
	void storesABodyOfUnknownLength() throws IOException {
		for (int size : new int[] { leastSize(), 2, 1_000, bigSize() }) {
			byte[] bytes = bytes(size, 12);
			LtxKey key = key(9, 1, size + 1L);
			assertThat(this.storage.put(key, TIME, (out) -> {
				out.write(bytes, 0, size / 2);
				for (int i = size / 2; i < Math.min(size, size / 2 + 10); i++) {
					out.write(bytes[i]);
				}
				out.write(bytes, Math.min(size, size / 2 + 10), size - Math.min(size, size / 2 + 10));
				out.flush();
			})).isEqualTo(size);
			assertThat(read(key, 0, size)).isEqualTo(bytes);
		}
		assertThat(this.storage.list(9)).hasSize(4)
			.allSatisfy((file) -> assertThat(this.storage.timestamp(file)).isEqualTo(TIME));
	}

	@Test
	void replacesAFileByABodyOfUnknownLength() throws IOException {
		put(key(1, 1, 2), bytes(50, 13));
		this.storage.put(key(1, 1, 2), TIME, (out) -> out.write(bytes(60, 14)));
		assertThat(this.storage.list(1)).singleElement().extracting(StoredFile::size).isEqualTo(60L);
		assertThat(read(key(1, 1, 2), 0, 60)).isEqualTo(bytes(60, 14));
	}

	@Test
	void showsNothingOfABodyThatThrows() throws IOException {
		IllegalStateException failure = new IllegalStateException("mid-way");
		for (int size : new int[] { 0, 10, bigSize() }) {
			assertThatExceptionOfType(IllegalStateException.class)
				.isThrownBy(() -> this.storage.put(key(9, 1), TIME, (out) -> {
					out.write(bytes(size, 15));
					throw failure;
				}))
				.isSameAs(failure);
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> this.storage.put(key(9, 1), TIME, (out) -> {
					out.write(bytes(size, 15));
					throw new IOException("source broke");
				}))
				.havingRootCause()
				.withMessage("source broke");
		}
		assertThat(this.storage.list(9)).isEmpty();
		assertThatExceptionOfType(MissingFileException.class)
			.isThrownBy(() -> this.storage.read(key(9, 1), 0, 1).close());
		put(key(9, 1), bytes(10, 16));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.storage.put(key(9, 1), TIME, (out) -> {
				out.write(bytes(20, 15));
				throw failure;
			}));
		assertThat(read(key(9, 1), 0, 10)).isEqualTo(bytes(10, 16));
	}

	@Test
	void storesNothingOfContentThatIsShorterThanItSays() {
		Content shorter = new Content() {

			@Override
			public long length() {
				return 1_000;
			}

			@Override
			public InputStream open() {
				return new ByteArrayInputStream(new byte[999]);
			}

		};
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> this.storage.putIfAbsent(key(0, 1), shorter, TIME));
		assertThat(this.storage.list(0)).isEmpty();
	}

	@Test
	void keepsTimesToTheMillisecond() {
		Instant[] times = { TIME, Instant.parse("1999-12-31T23:59:59.999Z"), Instant.parse("2030-01-01T00:00:00Z"),
				Instant.parse("2026-11-23T01:02:03.001Z") };
		for (int i = 0; i < times.length; i++) {
			this.storage.putIfAbsent(key(0, i + 1), Content.of(bytes(10, i)), times[i]);
		}
		assertThat(this.storage.list(0)).extracting(this.storage::timestamp).containsExactly(times);
	}

	@Test
	void saysWhenAFileWasWritten() {
		Instant before = Instant.now();
		this.storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), before);
		assertThat(this.storage.list(0).get(0).lastModified()).isBetween(before.minus(Duration.ofSeconds(2)),
				Instant.now().plus(Duration.ofSeconds(2)));
	}

	@Test
	void neverHasTheChecksumOfAFormerFile() {
		LtxKey snapshot = key(9, 1, 5);
		LtxKey merged = key(1, 1, 2);
		LtxKey known = key(1, 3, 4);
		for (LtxKey key : List.of(snapshot, merged, known)) {
			// As a kill between the two deletions leaves it, or another tool
			this.storage.putMetaIfAbsent(ChecksumText.metaName(key), ChecksumText.bytes(-7));
		}
		this.storage.put(snapshot, TIME, (out) -> {
			String name = ChecksumText.metaName(snapshot);
			assertThat(ChecksumText.find(this.storage.readMeta(name), name)).isEmpty();
			out.write(bytes(10, 1));
		});
		assertThat(checksum(snapshot)).isEmpty();
		this.storage.putDatabaseChecksum(snapshot, -2);
		assertThat(checksum(snapshot)).hasValue(-2);
		this.storage.putDatabaseChecksum(snapshot, -3);
		assertThat(put(snapshot, bytes(10, 2))).isFalse();
		assertThat(checksum(snapshot)).hasValue(-3);
		this.storage.put(snapshot, TIME, (out) -> out.write(bytes(10, 3)));
		assertThat(checksum(snapshot)).isEmpty();
		put(merged, bytes(10, 4));
		assertThat(checksum(merged)).isEmpty();
		this.storage.putIfAbsent(known, Content.of(bytes(10, 5)), new FileAttributes(TIME, OptionalLong.of(-4)));
		assertThat(checksum(known)).hasValue(-4);
	}

	private OptionalLong checksum(LtxKey key) {
		return this.storage.databaseChecksum(this.storage.find(key).orElseThrow());
	}

	protected final ReplicaStorage storage() {
		return this.storage;
	}

	protected final boolean put(LtxKey key, byte[] bytes) {
		return this.storage.putIfAbsent(key, Content.of(bytes), TIME);
	}

	protected final byte[] read(LtxKey key, long offset, long length) throws IOException {
		try (InputStream in = this.storage.read(key, offset, length)) {
			return in.readAllBytes();
		}
	}

	protected static LtxKey key(int level, long txid) {
		return key(level, txid, txid);
	}

	protected static LtxKey key(int level, long min, long max) {
		return new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
	}

	protected static byte[] bytes(int length, long seed) {
		byte[] bytes = new byte[length];
		new Random(seed).nextBytes(bytes);
		return bytes;
	}

}
