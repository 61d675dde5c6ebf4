package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import io.github.litestream4j.scratch.ScratchFolder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PageSumsTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 16, 17, PageSums.IN_MEMORY, PageSums.IN_MEMORY + 1, 2 * PageSums.IN_MEMORY + 77 })
	void f22GivesBackWhatWasNotedHoweverMuch(int size) throws Exception {
		try (PageSums sums = new PageSums(new ScratchFolder(this.folder.resolve("scratch")))) {
			for (long page = 1; page <= size; page++) {
				sums.add(2 * page, page ^ 77);
			}
			assertThat(sums.size()).isEqualTo(size);
			for (int time = 0; time < 2; time++) {
				List<Long> pages = new ArrayList<>();
				sums.forEach((page, sum) -> {
					pages.add(page);
					assertThat(sum).isEqualTo(page / 2 ^ 77);
				});
				assertThat(pages).hasSize(size).isSorted();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 4096, 4097, 2 * PageSums.IN_MEMORY + 77 })
	void f22ALongChangeIsMadeOnceMoreAfterAKill(int size) throws Exception {
		long checksum;
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			checksums.beginReading(1);
			checksums.read(sums(1, 1));
			checksums.endReading();
			PageSums all = sums(size, 3);
			checksum = checksums.prepare(2, all, size).orElseThrow();
		}
		try (PageChecksums checksums = new PageChecksums(this.folder)) {
			checksums.load(2, checksum, size);
			assertThat(checksums.total()).isEqualTo(OptionalLong.of(checksum));
			assertThat(checksums.entry(size)).isEqualTo(size * 3L | PageChecksums.FLAG);
		}
	}

	private PageSums sums(int size, long factor) throws Exception {
		PageSums sums = new PageSums(new ScratchFolder(this.folder.resolve("scratch")));
		for (long page = 1; page <= size; page++) {
			sums.add(page, page * factor | PageChecksums.FLAG);
		}
		return sums;
	}

}
