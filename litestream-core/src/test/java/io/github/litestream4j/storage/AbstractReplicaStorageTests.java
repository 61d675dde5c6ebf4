package io.github.litestream4j.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.litestream4j.MissingFileException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What every {@link ReplicaStorage} owes. An implementation extends this one.
 */
public abstract class AbstractReplicaStorageTests extends AbstractStoredFileTests {

	private static final int RACERS = 8;

	private final ExecutorService threads = Executors.newFixedThreadPool(RACERS);

	/**
	 * Put something that is no LTX file beside those of a level of the place "app".
	 */
	protected abstract void plant(int level, String name);

	/**
	 * Put a file anywhere in the place "app".
	 */
	protected abstract void plant(String path, byte[] bytes);

	@AfterEach
	void stopThreads() {
		this.threads.shutdownNow();
	}

	@Test
	void listsNothingWhereNothingIs() {
		for (int level = 0; level <= 9; level++) {
			assertThat(this.storage.list(level)).isEmpty();
		}
	}

	@Test
	protected void letsExactlyOneOfManyWriteAFile() throws Exception {
		for (int round = 1; round <= 40; round++) {
			LtxKey key = key(0, round);
			List<Boolean> won = together(
					(racer) -> open("app").putIfAbsent(key, Content.of(bytes(1_000, racer)), TIME));
			assertThat(won).as("round %d", round).containsOnlyOnce(true);
			assertThat(read(key, 0, 1_000)).isEqualTo(bytes(1_000, won.indexOf(true)));
		}
		assertThat(this.storage.list(0)).hasSize(40);
	}

	@Test
	void listsInOrderWhateverTheirNumber() throws Exception {
		int count = 1_204;
		List<Integer> numbers = new ArrayList<>(IntStream.rangeClosed(1, count).boxed().toList());
		java.util.Collections.shuffle(numbers, new Random(8));
		together((racer) -> {
			for (int i = racer; i < count; i += RACERS) {
				put(key(0, numbers.get(i)), bytes(3, i));
			}
			return true;
		});
		assertThat(this.storage.list(0)).extracting(StoredFile::key)
			.containsExactlyElementsOf(IntStream.rangeClosed(1, count).mapToObj((i) -> key(0, i)).toList());
		this.storage.delete(this.storage.list(0).stream().map(StoredFile::key).toList());
		assertThat(this.storage.list(0)).isEmpty();
	}

	@Test
	void ordersByFirstThenByLastTransaction() {
		LtxKey[] keys = { key(9, 1, 2), key(9, 1, 0x100), key(9, 2, 3), key(9, 0x10, -1) };
		for (int i : new int[] { 2, 0, 3, 1 }) {
			put(keys[i], bytes(1, i));
		}
		assertThat(this.storage.list(9)).extracting(StoredFile::key).containsExactly(keys);
	}

	@Test
	void passesForeignNamesOver() {
		put(key(0, 1), bytes(1, 9));
		plant(0, "0000000000000002-0000000000000002.ltx.tmp");
		plant(0, "0000000000000002-0000000000000002.LTX");
		plant(0, "000000000000000G-000000000000000G.ltx");
		plant(0, "0000000000000003-0000000000000002.ltx");
		plant(0, "0000000000000000-0000000000000001.ltx");
		plant(0, "README.md");
		plant(0, "0000000000000004-0000000000000004.ltx/inside");
		assertThat(this.storage.list(0)).extracting(StoredFile::key).containsExactly(key(0, 1));
	}

	@Test
	void deletesWhatIsThereAndWhatIsNot() {
		put(key(0, 1), bytes(1, 1));
		put(key(0, 2), bytes(1, 1));
		put(key(1, 1, 2), bytes(1, 1));
		this.storage.delete(List.of(key(0, 1), key(0, 77), key(1, 1, 2)));
		this.storage.delete(List.of(key(0, 1)));
		this.storage.delete(List.of());
		assertThat(this.storage.list(0)).extracting(StoredFile::key).containsExactly(key(0, 2));
		assertThat(this.storage.list(1)).isEmpty();
	}

	@Test
	void keepsFilesOfOurOwnApart() {
		assertThat(this.storage.readMeta("replica.json")).isEmpty();
		assertThat(this.storage.putMetaIfAbsent("replica.json", bytes(10, 1))).isTrue();
		assertThat(this.storage.putMetaIfAbsent("replica.json", bytes(10, 2))).isFalse();
		assertThat(this.storage.putMetaIfAbsent("generations/0000000000000001.json", bytes(11, 3))).isTrue();
		assertThat(this.storage.readMeta("replica.json")).hasValue(bytes(10, 1));
		assertThat(this.storage.readMeta("generations/0000000000000001.json")).hasValue(bytes(11, 3));
		assertThat(this.storage.readMeta("generations/0000000000000002.json")).isEmpty();
		assertThat(this.storage.list(0)).isEmpty();
	}

	@Test
	void listsTheFilesOfOurOwnInAFolder() {
		assertThat(this.storage.listMeta("generations")).isEmpty();
		for (String name : new String[] { "generations/b.json", "generations/a.json", "generations/old/c.json",
				"generations2/d.json", "replica.json" }) {
			this.storage.putMetaIfAbsent(name, bytes(10, 1));
		}
		assertThat(this.storage.listMeta("generations")).containsExactly("a.json", "b.json");
		assertThat(this.storage.listMeta("generations/old")).containsExactly("c.json");
		assertThatIllegalArgumentException().isThrownBy(() -> this.storage.listMeta("../ltx"));
	}

	@Test
	protected void letsExactlyOneOfManyWriteAFileOfOurOwn() throws Exception {
		List<Boolean> won = together((racer) -> open("app").putMetaIfAbsent("replica.json", bytes(100, racer)));
		assertThat(won).containsOnlyOnce(true);
		assertThat(this.storage.readMeta("replica.json")).hasValue(bytes(100, won.indexOf(true)));
	}

	@Test
	void refusesNamesThatLeadOutOfMeta() {
		for (String name : new String[] { "", "/a", "a/", "../a", "a/../b", "a//b", ".", "a\\b", "a b", ".a" }) {
			assertThatIllegalArgumentException().isThrownBy(() -> this.storage.readMeta(name));
			assertThatIllegalArgumentException().isThrownBy(() -> this.storage.putMetaIfAbsent(name, new byte[1]));
		}
	}

	@Test
	protected void findsWhatLitestream03HasStored() throws IOException {
		assertThat(this.storage.listLegacy()).isEmpty();
		byte[] bytes = bytes(1_000, 7);
		String generation = "generations/0123456789abcdef/";
		plant(generation + "snapshots/0000000a.snapshot.lz4", bytes);
		plant(generation + "wal/0000000a_00000000.wal.lz4", bytes(10, 8));
		plant(generation + "wal/0000000b_1000001038.wal.lz4", bytes(20, 9));
		for (String other : new String[] { "wal/0000000b_00001038.wal.lz4.tmp", "wal/0000000b.wal", "wal/old/x",
				"snapshots/0000000B.snapshot.lz4", "0000000a.snapshot.lz4" }) {
			plant(generation + other, bytes(1, 1));
		}
		plant("generations/0123456789abcde/snapshots/0000000a.snapshot.lz4", bytes(1, 1));
		put(key(0, 1), bytes(1, 1));
		List<LegacyFile> files = this.storage.listLegacy();
		assertThat(files)
			.extracting(LegacyFile::path, LegacyFile::kind, LegacyFile::index, LegacyFile::offset, LegacyFile::size)
			.containsExactlyInAnyOrder(
					tuple(generation + "snapshots/0000000a.snapshot.lz4", LegacyFile.Kind.SNAPSHOT, 10L, 0L, 1_000L),
					tuple(generation + "wal/0000000a_00000000.wal.lz4", LegacyFile.Kind.WAL, 10L, 0L, 10L),
					tuple(generation + "wal/0000000b_1000001038.wal.lz4", LegacyFile.Kind.WAL, 11L, 0x1000001038L,
							20L));
		assertThat(files).allMatch((file) -> file.generation().equals("0123456789abcdef")
				&& file.lastModified().isAfter(Instant.now().minus(Duration.ofHours(1))));
		LegacyFile snapshot = files.stream().filter((file) -> file.size() == 1_000).findFirst().orElseThrow();
		try (InputStream all = this.storage.readLegacy(snapshot, 0);
				InputStream rest = this.storage.readLegacy(snapshot, 990);
				InputStream none = this.storage.readLegacy(snapshot, 1_000)) {
			assertThat(all.readAllBytes()).isEqualTo(bytes);
			assertThat(rest.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, 990, 1_000));
			assertThat(none.readAllBytes()).isEmpty();
		}
		assertThat(open("app2").listLegacy()).isEmpty();
	}

	@Test
	void namesAMissingFileOfLitestream03() {
		LegacyFile gone = LegacyFile.parse("0123456789abcdef", "wal", "00000001_00000000.wal.lz4", 10, TIME)
			.orElseThrow();
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(() -> {
			try (InputStream in = this.storage.readLegacy(gone, 0)) {
				in.read();
			}
		}).withMessageContaining("generations/0123456789abcdef/wal/00000001_00000000.wal.lz4");
	}

	@Test
	void keepsReplicasApart() {
		ReplicaStorage other = open("app2");
		put(key(0, 1), bytes(1, 1));
		assertThat(other.list(0)).isEmpty();
		other.putIfAbsent(key(0, 2), Content.of(bytes(1, 1)), TIME);
		assertThat(this.storage.list(0)).extracting(StoredFile::key).containsExactly(key(0, 1));
	}

	@Test
	void standsAnyLetterInItsPlace() throws IOException {
		ReplicaStorage other = open("müller & söhne/bücher+äpfel (neu)/日本 ~'!*=");
		byte[] bytes = bytes(100, 1);
		assertThat(other.putIfAbsent(key(0, 1), Content.of(bytes), TIME)).isTrue();
		assertThat(other.putIfAbsent(key(0, 1), Content.of(bytes), TIME)).isFalse();
		assertThat(other.putMetaIfAbsent("replica.json", bytes)).isTrue();
		assertThat(other.readMeta("replica.json")).hasValue(bytes);
		assertThat(other.list(0)).extracting(StoredFile::key).containsExactly(key(0, 1));
		assertThat(other.timestamp(other.list(0).get(0))).isEqualTo(TIME);
		try (InputStream in = other.read(key(0, 1), 0, 100)) {
			assertThat(in.readAllBytes()).isEqualTo(bytes);
		}
		other.delete(List.of(key(0, 1)));
		assertThat(other.list(0)).isEmpty();
		assertThat(other.url()).contains("日本");
	}

	@Test
	void isSafeForManyThreads() throws Exception {
		List<Integer> sums = together((racer) -> {
			int wrong = 0;
			for (int i = 0; i < 20; i++) {
				LtxKey key = key(racer % 3, racer * 100L + i + 1);
				byte[] bytes = bytes(2_000 + i, racer * 100 + i);
				put(key, bytes);
				wrong += Arrays.equals(read(key, 0, bytes.length), bytes) ? 0 : 1;
				Set<LtxKey> listed = new HashSet<>();
				this.storage.list(key.level()).forEach((file) -> listed.add(file.key()));
				wrong += listed.contains(key) ? 0 : 1;
				if (i % 2 == 0) {
					this.storage.delete(List.of(key));
				}
			}
			return wrong;
		});
		assertThat(sums).containsOnly(0);
		assertThat(IntStream.range(0, 3).map((level) -> this.storage.list(level).size()).sum()).isEqualTo(RACERS * 10);
	}

	private <T> List<T> together(Task<T> task) throws Exception {
		CyclicBarrier start = new CyclicBarrier(RACERS);
		List<Callable<T>> calls = new ArrayList<>();
		for (int i = 0; i < RACERS; i++) {
			int racer = i;
			calls.add(() -> {
				start.await(30, TimeUnit.SECONDS);
				return task.run(racer);
			});
		}
		List<T> results = new ArrayList<>();
		for (Future<T> future : this.threads.invokeAll(calls)) {
			results.add(future.get());
		}
		return results;
	}

	/**
	 * What one of many threads does.
	 */
	@FunctionalInterface
	private interface Task<T> {

		T run(int racer) throws IOException, UncheckedIOException;

	}

}
