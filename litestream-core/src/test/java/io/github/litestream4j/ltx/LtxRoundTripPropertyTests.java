package io.github.litestream4j.ltx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever pages are written, the same come back, by both ways of reading.
 */
class LtxRoundTripPropertyTests {

	@Property(tries = 150, seed = "4711")
	void incrementalFiles(@ForAll("pageSizes") int pageSize, @ForAll("pageSets") Set<Long> numbers, @ForAll int seed)
			throws IOException {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		for (long number : numbers) {
			if (number != LtxHeader.lockPage(pageSize)) {
				pages.put(number, content(pageSize, seed + number));
			}
		}
		long commit = pages.isEmpty() ? 1 : pages.lastKey();
		comesBack(LtxFiles.incremental(pageSize, commit), pages);
	}

	@Property(tries = 100, seed = "4712")
	void snapshots(@ForAll("pageSizes") int pageSize, @ForAll @IntRange(min = 1, max = 30) int commit, @ForAll int seed)
			throws IOException {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		for (long number = 1; number <= commit; number++) {
			pages.put(number, content(pageSize, seed + number));
		}
		comesBack(LtxFiles.snapshot(pageSize, commit), pages);
	}

	@Property(tries = 50, seed = "4713")
	void pagesAroundTheLockPage(@ForAll("aroundTheLock") Set<Long> numbers, @ForAll int seed) throws IOException {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		for (long number : numbers) {
			pages.put(number, content(65536, seed + number));
		}
		comesBack(LtxFiles.incremental(65536, 16390), pages);
	}

	private static void comesBack(LtxHeader header, SortedMap<Long, ByteBuffer> pages) throws IOException {
		byte[] file = LtxFiles.write(header, pages, 0);
		LtxFiles.Whole whole = LtxFiles.read(file);
		assertThat(whole.header()).isEqualTo(header);
		assertThat(whole.pages()).isEqualTo(pages);
		assertThat(LtxFiles.readThroughIndex(file)).isEqualTo(pages);
	}

	/**
	 * Empty pages, pages that compress in part, and pages that do not at all.
	 */
	private static ByteBuffer content(int pageSize, long seed) {
		return switch ((int) Math.floorMod(seed, 4L)) {
			case 0 -> ByteBuffer.allocate(pageSize);
			case 1 -> ByteBuffer.wrap(Arrays.copyOf(LtxFiles.page(2 * pageSize, seed).array(), pageSize));
			default -> LtxFiles.page(pageSize, seed);
		};
	}

	@Provide
	Arbitrary<Integer> pageSizes() {
		return Arbitraries.of(List.of(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536));
	}

	@Provide
	Arbitrary<Set<Long>> pageSets() {
		return Arbitraries.longs().between(1, 0xffffffffL).set().ofMaxSize(12);
	}

	@Provide
	Arbitrary<Set<Long>> aroundTheLock() {
		return Arbitraries.longs()
			.between(16380, 16390)
			.filter((page) -> page != 16385)
			.set()
			.ofMinSize(1)
			.ofMaxSize(10);
	}

}
