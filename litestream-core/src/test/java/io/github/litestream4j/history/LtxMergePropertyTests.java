package io.github.litestream4j.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * However a history is merged, in one go or in many, and whatever overlaps: it gives the
 * same database.
 */
class LtxMergePropertyTests {

	@Property(tries = 150, seed = "4721")
	void anyGroupingGivesTheSameDatabase(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int count,
			@ForAll @IntRange(max = 3) int rounds) throws Exception {
		check(seed, count, (files, scratch) -> {
			List<TestInput> merged = files;
			for (int i = 0; i < rounds; i++) {
				merged = mergeGroups(merged, new Random(seed + i), scratch);
			}
			return merged;
		});
	}

	@Property(tries = 100, seed = "4722")
	void f39OverlappingFilesGiveTheSameDatabase(@ForAll long seed, @ForAll @IntRange(min = 2, max = 60) int count)
			throws Exception {
		check(seed, count, (files, scratch) -> {
			Random random = new Random(seed);
			List<TestInput> overlapping = new ArrayList<>();
			for (int from = 0, to = 0; to < count;) {
				to = Math.min(to + 1 + random.nextInt(9), count);
				overlapping.add(merge(files.subList(from, to), scratch));
				from = Math.max(from + 1, to - random.nextInt(4));
			}
			return List.of(merge(overlapping, scratch));
		});
	}

	private static void check(long seed, int count, Merging merging) throws Exception {
		TestPages database = new TestPages(seed, 10);
		TreeMap<Long, byte[]> base = new TreeMap<>(database.all());
		List<TestInput> files = new ArrayList<>();
		for (long txid = 2; txid < count + 2; txid++) {
			LtxFileName range = LtxFileName.of(new Txid(txid));
			var changed = database.change();
			files.add(new TestInput(range,
					TestPages.file(range, database.commit(), Instant.ofEpochSecond(txid), changed)));
		}
		Path folder = Files.createTempDirectory("merge-");
		try {
			for (TestInput merged : merging.merge(files, new ScratchFolder(folder))) {
				TestPages.apply(merged.bytes(), base);
			}
			assertThat(TestPages.bytes(base)).isEqualTo(database.bytes());
		}
		finally {
			// Fails when a temporary file is left
			Files.delete(folder);
		}
	}

	private static List<TestInput> mergeGroups(List<TestInput> files, Random random, ScratchFolder scratch)
			throws Exception {
		List<TestInput> merged = new ArrayList<>();
		for (int i = 0; i < files.size();) {
			int end = Math.min(files.size(), i + 1 + random.nextInt(random.nextBoolean() ? 10 : 150));
			merged.add(merge(files.subList(i, end), scratch));
			i = end;
		}
		return merged;
	}

	private static TestInput merge(List<TestInput> files, ScratchFolder scratch) throws Exception {
		try (MergedFile merged = LtxMerge.merge(files, scratch)) {
			merged.verify();
			return new TestInput(merged.range(), merged.open().readAllBytes());
		}
	}

	private interface Merging {

		List<TestInput> merge(List<TestInput> files, ScratchFolder scratch) throws Exception;

	}

}
