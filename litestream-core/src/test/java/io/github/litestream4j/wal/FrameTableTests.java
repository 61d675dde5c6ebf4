package io.github.litestream4j.wal;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.scratch.ScratchFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class FrameTableTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@CsvSource({ "0, 64", "1, 64", "63, 64", "64, 64", "65, 64", "128, 64", "129, 64", "9000, 64", "200000, 4096" })
	void f22AnswersAlikeFromMemoryAndFromRuns(int frames, int inMemory) throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		SortedMap<Long, Integer> newest = new TreeMap<>();
		long commit = 0xfffffff0L;
		try (FrameTable memory = new FrameTable(null, inMemory);
				FrameTable runs = new FrameTable(new ScratchFolder(this.folder), inMemory)) {
			for (int frame = 0; frame < frames; frame++) {
				// Both halves of the unsigned numbers, and each page several times
				long page = (random.nextInt(5) == 0) ? 0xffffffffL - random.nextInt(100)
						: 1 + random.nextInt(frames / 3 + 1);
				memory.add(page);
				runs.add(page);
				newest.put(page, frame);
			}
			memory.end(frames);
			runs.end(frames);
			assertThat(pages(memory, commit)).isEqualTo(newest.headMap(commit + 1));
			assertThat(pages(runs, commit)).isEqualTo(newest.headMap(commit + 1));
			assertThat(pages(runs, 7)).as("once more").isEqualTo(newest.headMap(8L));
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void leavesOutFramesThatAreNotCommitted() throws Exception {
		try (FrameTable table = new FrameTable(new ScratchFolder(this.folder), 64)) {
			table.add(2);
			table.add(1);
			table.add(2);
			table.end(2);
			assertThat(pages(table, 9)).isEqualTo(Map.of(1L, 1, 2L, 0));
		}
	}

	@Test
	void takesNoSpilledFrameBack() throws Exception {
		try (FrameTable table = new FrameTable(new ScratchFolder(this.folder), 64)) {
			for (int i = 0; i < 65; i++) {
				table.add(1);
			}
			assertThatIllegalStateException().isThrownBy(() -> table.end(64));
		}
	}

	private static SortedMap<Long, Integer> pages(FrameTable table, long commit) throws Exception {
		SortedMap<Long, Integer> pages = new TreeMap<>();
		long last = 0;
		for (FrameTable.Cursor cursor = table.cursor(commit); cursor.next(); last = cursor.page()) {
			assertThat(cursor.page()).isGreaterThan(last);
			pages.put(cursor.page(), cursor.frame());
		}
		return pages;
	}

}
