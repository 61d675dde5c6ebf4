package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Of any set of files {@link IndexedReader} makes the state that they were made of.
 */
class IndexedReaderTests {

	private static final int PAGE_SIZE = 512;

	@TempDir
	private Path folder;

	private Path target;

	@RepeatedTest(40)
	void f39GivesEachStateWhateverFilesOverlapOrAreMissing(RepetitionInfo repetition) throws IOException {
		long seed = System.nanoTime() + repetition.getCurrentRepetition();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		RandomHistory history = history(random);
		ReplicaStorage storage = history.replica().storage();
		FileChains chains = new FileChains(ReplicaFiles.of(storage).all());
		int restored = 0;
		for (int txid = 1; txid <= history.last(); txid++) {
			RestorePlan plan = chains.to(new Txid(txid)).orElse(null);
			if (plan != null) {
				WrittenDatabase written = read(storage, plan, 1 + random.nextInt(4));
				assertThat(this.target).as("TXID %d of %s", txid, plan).hasBinaryContent(history.state(txid));
				assertThat(written.checksum()).isEqualTo(storage.databaseChecksum(plan.last()).orElseThrow());
				restored++;
			}
		}
		assertThat(restored).isPositive();
	}

	private RandomHistory history(Random random) {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 1 + random.nextInt(60),
				random);
		for (int i = 0; i < 25; i++) {
			if (random.nextInt(4) == 0) {
				history.resize(1 + random.nextInt(60));
			}
			else {
				history.change(1 + random.nextInt(12));
			}
		}
		for (int i = 0; i < 6; i++) {
			int min = 2 + random.nextInt(20);
			history.merge(1 + random.nextInt(3), min, Math.min(history.last(), min + random.nextInt(9)));
		}
		history.snapshot(2 + random.nextInt(20));
		for (StoredFile file : history.replica().storage().list(0)) {
			if (random.nextInt(6) == 0) {
				history.replica().storage().delete(List.of(file.key()));
			}
		}
		return history;
	}

	@Test
	void aPageThatWasLostAndCameBackIsNeverTheOneBeforeTheShrink() throws IOException {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 40, new Random(4));
		history.change(20);
		history.resize(7);
		history.change(3);
		history.resize(33);
		history.change(2);
		ReplicaStorage storage = history.replica().storage();
		read(storage, plan(storage), 3);
		assertThat(this.target).hasBinaryContent(history.state(history.last()));
	}

	@Test
	void aWriterThatForgetsPagesThatCameBackHasAnotherChecksum() throws IOException {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 40, new Random(4));
		history.resize(7);
		history.resize(33);
		byte[] last = history.state(3);
		ReplicaStorage storage = history.replica().storage();
		long checksum = storage.databaseChecksum(plan(storage).last()).orElseThrow();
		// Only page 1, and not the 26 that the database grew by
		history.replica()
			.store(0, 3, 3, PAGE_SIZE, 33, new TreeMap<>(TestReplica.pages(last, PAGE_SIZE).headMap(2L)))
			.checksum(0, 3, 3, checksum);
		WrittenDatabase written = read(storage, plan(storage), 3);
		assertThat(written.checksum()).isNotEqualTo(checksum);
	}

	@Test
	void namesAPageThatNoFileHolds() throws IOException {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 10, new Random(4));
		history.resize(30);
		byte[] last = history.state(2);
		history.replica().store(0, 2, 2, PAGE_SIZE, 30, new TreeMap<>(TestReplica.pages(last, PAGE_SIZE).tailMap(13L)));
		ReplicaStorage storage = history.replica().storage();
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> read(storage, plan(storage), 3))
			.withMessageContaining("Page 11 of the database's 30 pages is in none of the files");
	}

	@Test
	void readsNoFurtherThanAllPagesAreFound() throws IOException {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, 30, new Random(4));
		for (int i = 0; i < 5; i++) {
			history.change(10);
		}
		history.change(2000);
		history.change(1);
		ReplicaStorage storage = new InterceptedStorage(history.replica().storage()).reading((key, offset, length) -> {
			// With one range ahead
			assertThat(key.name().max().value()).isGreaterThan(5);
			return history.replica().storage().read(key, offset, length);
		});
		read(storage, plan(storage), 1);
		assertThat(this.target).hasBinaryContent(history.state(history.last()));
	}

	private static RestorePlan plan(ReplicaStorage storage) {
		return new RestorePlanner(storage).plan(null, null).orElseThrow();
	}

	private WrittenDatabase read(ReplicaStorage storage, RestorePlan plan, int parallelism) throws IOException {
		this.target = this.folder.resolve("app.db");
		Files.deleteIfExists(this.target);
		RestoreProgress progress = new RestoreProgress("test", plan.bytes(), (status) -> {
		});
		try (TemporaryDatabase database = TemporaryDatabase.create(this.target)) {
			PlannedDatabase planned = new PlannedDatabase(storage, plan, database.channel(), progress);
			WrittenDatabase written = new IndexedReader(storage, FetchSettings.DEFAULT, parallelism, planned, progress,
					new LongAdder())
				.read(new ScratchFolder(this.folder));
			database.sync();
			Files.move(database.path(), this.target);
			return written;
		}
	}

}
