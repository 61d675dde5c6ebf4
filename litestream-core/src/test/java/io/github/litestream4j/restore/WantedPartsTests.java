package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class WantedPartsTests {

	private static final long GIB = 1L << 30;

	@TempDir
	private Path folder;

	private final List<StoredFile> files = List.of(ListedStorage.file(0, 3, 3, 100 * GIB),
			ListedStorage.file(1, 2, 2, 1000), ListedStorage.file(9, 1, 1, 100 * GIB));

	@Test
	void joinsWhatFollowsEachOther() throws IOException {
		assertThat(extents(new long[] { 0, 0, 100 }, new long[] { 0, 100, 50 }, new long[] { 0, 150, 7 },
				new long[] { 2, 157, 1 }))
			.containsExactly(new Extent(this.files.get(0), 0, 157), new Extent(this.files.get(2), 157, 1));
		assertThat(extents()).isEmpty();
	}

	@Test
	void readsSmallGapsToo() throws IOException {
		// 40 are less than a twentieth of a thousand, and 400 are not
		assertThat(extents(new long[] { 0, 0, 500 }, new long[] { 0, 540, 500 }, new long[] { 0, 1440, 1 }))
			.containsExactly(new Extent(this.files.get(0), 0, 1040), new Extent(this.files.get(0), 1440, 1));
	}

	@Test
	void readsAFileWholeThatIsNeededAlmost() throws IOException {
		assertThat(extents(new long[] { 0, 0, 5 }, new long[] { 1, 0, 500 }, new long[] { 1, 510, 460 },
				new long[] { 2, 0, 5 }))
			.containsExactly(new Extent(this.files.get(0), 0, 5), Extent.whole(this.files.get(1)),
					new Extent(this.files.get(2), 0, 5));
	}

	/**
	 * More than fits into memory, and more requests than are made however little it is.
	 */
	@Test
	void f22IsTheSameFromATemporaryFile() throws IOException {
		int count = 150_000;
		List<long[]> parts = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			// Gaps of 10, and longer ones after each tenth
			parts.add(new long[] { (i < 100_000) ? 0 : 2, i * 1000L + i / 10 * 5000L, 990 });
		}
		List<Extent> extents = extents(parts.toArray(new long[0][]));
		assertThat(extents).hasSize(count / 10);
		for (int i = 0; i < extents.size(); i++) {
			assertThat(extents.get(i))
				.isEqualTo(new Extent(this.files.get((i < 10_000) ? 0 : 2), i * 15_000L, 9 * 1000 + 990));
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void readsLargerGapsWhereTheRequestsWouldBeTooMany() throws IOException {
		int count = 50_000;
		List<long[]> parts = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			parts.add(new long[] { 0, i * 3000L + ((i % 5 == 0) ? 1 : 0), 900 });
		}
		assertThat(extents(parts.toArray(new long[0][]))).hasSizeLessThan(20_001);
	}

	private List<Extent> extents(long[]... parts) throws IOException {
		try (WantedParts wanted = new WantedParts(this.files, new ScratchFolder(this.folder))) {
			for (long[] part : parts) {
				wanted.add((int) part[0], part[1], part[2]);
			}
			List<Extent> extents = new ArrayList<>();
			wanted.finish().forEachRemaining(extents::add);
			return extents;
		}
	}

}
