package io.github.litestream4j.replication;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class PageChecksumsTests {

	@TempDir
	Path folder;

	private final Map<Long, Long> model = new TreeMap<>();

	private long txid;

	@Test
	void followsRandomTransactions() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			learn(checksums, 50, random);
			for (int i = 0; i < 500; i++) {
				transaction(checksums, random, Step.DONE);
				assertThat(checksums.total()).hasValue(total());
			}
		}
	}

	@Test
	void goesOnAfterAKillBetweenAnyTwoSteps() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		PageChecksums checksums = new PageChecksums(this.folder);
		learn(checksums, 50, random);
		for (int i = 0; i < 200; i++) {
			Step step = Step.values()[random.nextInt(Step.values().length)];
			transaction(checksums, random, step);
			checksums.close();
			checksums = new PageChecksums(this.folder);
			checksums.load(this.txid, total(), this.model.size());
			assertThat(checksums.total()).as("after %s", step).hasValue(total());
		}
		checksums.close();
	}

	@Test
	void isNotKnownWhenAnEntryWasDamaged() throws Exception {
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			learn(checksums, 50, new Random(1));
		}
		byte[] entries = Files.readAllBytes(this.folder.resolve("checksums"));
		entries[77] ^= 1;
		Files.write(this.folder.resolve("checksums"), entries);
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			checksums.load(this.txid, total(), this.model.size());
			assertThat(checksums.total()).isEmpty();
		}
	}

	@Test
	void isNotKnownWhenTheEndIsMissing() throws Exception {
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			learn(checksums, 50, new Random(1));
		}
		byte[] entries = Files.readAllBytes(this.folder.resolve("checksums"));
		Files.write(this.folder.resolve("checksums"), Arrays.copyOf(entries, entries.length - 8));
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			checksums.load(this.txid, total(), this.model.size());
			assertThat(checksums.total()).isEmpty();
		}
	}

	@Test
	void learnsWhileTransactionsGoOn() throws Exception {
		Random random = new Random(3);
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			learn(checksums, 40, random);
			Map<Long, Long> before = new TreeMap<>(this.model);
			checksums.forget();
			checksums.beginReading(before.size());
			for (Map.Entry<Long, Long> page : before.entrySet()) {
				PageSums one = new PageSums();
				one.add(page.getKey(), page.getValue());
				checksums.read(one);
				if (page.getKey() % 5 == 0) {
					transaction(checksums, random, Step.DONE);
				}
			}
			assertThat(checksums.total()).isEmpty();
			checksums.endReading();
			assertThat(checksums.total()).hasValue(total());
		}
	}

	@Test
	void isKnownWhenTheReadingEndsWithinATransaction() throws Exception {
		Random random = new Random(4);
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			PageSums all = new PageSums();
			for (long page = 1; page <= 3; page++) {
				this.model.put(page, random.nextLong() | PageChecksums.FLAG);
				all.add(page, this.model.get(page));
			}
			checksums.beginReading(3);
			PageSums sums = new PageSums();
			long second = random.nextLong() | PageChecksums.FLAG;
			sums.add(2, second);
			OptionalLong before = checksums.prepare(2, sums, 2);
			checksums.read(all);
			checksums.endReading();
			checksums.change(sums, 2, before);
			this.model.put(2L, second);
			this.model.remove(3L);
			assertThat(checksums.total()).hasValue(total());
		}
	}

	private void learn(PageChecksums checksums, int pages, Random random) throws Exception {
		PageSums sums = new PageSums();
		for (long page = 1; page <= pages; page++) {
			long sum = random.nextLong() | PageChecksums.FLAG;
			this.model.put(page, sum);
			sums.add(page, sum);
		}
		checksums.beginReading(pages);
		checksums.read(sums);
		checksums.endReading();
		this.txid = 1;
	}

	private void transaction(PageChecksums checksums, Random random, Step last) throws Exception {
		long commit = Math.max(1, this.model.size() + random.nextInt(21) - 10);
		PageSums sums = new PageSums();
		Map<Long, Long> after = new TreeMap<>(this.model);
		after.keySet().removeIf((page) -> page > commit);
		for (long page = 1; page <= commit; page++) {
			if (page > this.model.size() || random.nextInt(4) == 0) {
				long sum = random.nextLong() | PageChecksums.FLAG;
				sums.add(page, sum);
				after.put(page, sum);
			}
		}
		OptionalLong total = checksums.prepare(this.txid + 1, sums, commit);
		if (last == Step.NOTED) {
			return;
		}
		// The position was written
		this.txid++;
		this.model.clear();
		this.model.putAll(after);
		if (last == Step.DONE) {
			checksums.change(sums, commit, total);
		}
	}

	private long total() {
		return this.model.values().stream().reduce(0L, (a, b) -> a ^ b) | PageChecksums.FLAG;
	}

	private enum Step {

		NOTED, POSITION_WRITTEN, DONE

	}

}
