package io.github.litestream4j.history;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LtxMergeTests {

	@TempDir
	Path folder;

	private ScratchFolder scratch;

	@BeforeEach
	void prepare() {
		this.scratch = new ScratchFolder(this.folder);
	}

	@Test
	void theNewestImageOfEachPageWins() throws Exception {
		TreeMap<Long, byte[]> pages = merge(file(5, 3, 1, 2, 3), file(6, 4, 2, 4), file(7, 4, 2));
		assertThat(pages.keySet()).containsExactly(1L, 2L, 3L, 4L);
		assertThat(pages.get(1L)).isEqualTo(page(5, 1));
		assertThat(pages.get(2L)).isEqualTo(page(7, 2));
		assertThat(pages.get(4L)).isEqualTo(page(6, 4));
	}

	@Test
	void f35TheTimeIsThatOfTheNewestInput() throws Exception {
		List<TestInput> files = List.of(file(5, 3, 1), file(6, 3, 2), file(7, 2, 2));
		try (MergedFile merged = LtxMerge.merge(files, this.scratch)) {
			assertThat(merged.time()).isEqualTo(Instant.ofEpochSecond(7));
			assertThat(merged.header())
				.isEqualTo(LtxHeader.of(512, 2, new Txid(5), new Txid(7), Instant.ofEpochSecond(7)));
		}
	}

	@Test
	void f35ATimeThatWentBackCountsAsItsLatest() throws Exception {
		byte[] late = TestPages.file(LtxFileName.of(new Txid(5)), 1, Instant.ofEpochSecond(100), pages(5, 1));
		List<TestInput> files = List.of(new TestInput(LtxFileName.of(new Txid(5)), late), file(6, 1, 1));
		try (MergedFile merged = LtxMerge.merge(files, this.scratch)) {
			assertThat(merged.time()).isEqualTo(Instant.ofEpochSecond(100));
		}
	}

	@Test
	void whatIsCutOffIsDropped() throws Exception {
		assertThat(merge(file(5, 9, 1, 8, 9), file(6, 2, 1)).keySet()).containsExactly(1L);
	}

	@Test
	void whatWasCutOffDoesNotComeBackWhereALaterFileLacksIt() throws Exception {
		// The second one may have been merged with others into a temporary file
		for (int before : new int[] { 0, 100 }) {
			List<TestInput> files = new ArrayList<>(List.of(file(5, 9, 1, 8, 9)));
			files.add(file(6, 2, 1));
			for (int i = 0; i < before; i++) {
				files.add(file(7 + i, 9, 1));
			}
			files.add(file(7 + before, 9, 9));
			assertThat(merge(files.toArray(TestInput[]::new)).keySet()).containsExactly(1L, 9L);
		}
	}

	@Test
	void fewInputsAreOpenAtOnceAndNoTemporaryFileStays() throws Exception {
		AtomicInteger open = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		List<TestInput> files = new ArrayList<>();
		for (int i = 0; i < LtxMerge.MAX_OPEN * LtxMerge.MAX_OPEN + 1; i++) {
			TestInput file = file(2 + i, 3, 1 + i % 3);
			files.add(new TestInput(file.range(), file.bytes(), open, most));
		}
		try (MergedFile merged = LtxMerge.merge(files, this.scratch)) {
			TreeMap<Long, byte[]> pages = new TreeMap<>();
			TestPages.apply(merged.open().readAllBytes(), pages);
			long last = files.size() + 1;
			for (long txid = last; txid > last - 3; txid--) {
				long number = 1 + (txid - 2) % 3;
				assertThat(pages.get(number)).isEqualTo(page((int) txid, number));
			}
		}
		assertThat(most).hasValue(LtxMerge.MAX_OPEN);
		assertThat(open).hasValue(0);
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void f52EachInputIsReadToItsChecksumWhateverCounts() throws Exception {
		byte[] page = new byte[512];
		new Random(1).nextBytes(page);
		LtxFileName range = LtxFileName.of(new Txid(5));
		TestInput cutOff = new TestInput(range,
				TestPages.file(range, 9, Instant.EPOCH, new TreeMap<>(Map.of(8L, page, 9L, page))));
		TestInput last = file(6, 2, 1);
		int spare = 0;
		for (int at = 0; at < cutOff.bytes().length; at++) {
			byte[] damaged = cutOff.bytes().clone();
			damaged[at] ^= 1;
			TestInput input = new TestInput(range, damaged);
			try (MergedFile merged = LtxMerge.merge(List.of(input, last), this.scratch)) {
				// A bit that means nothing to LZ4: the pages are the same
				merged.verify();
				spare++;
			}
			catch (DamagedInputException ex) {
				assertThat(ex.input()).as("byte %d", at).isSameAs(input);
				assertThat(ex).hasCauseInstanceOf(CorruptDataException.class).hasMessageContaining(input.name());
			}
		}
		assertThat(spare).isLessThanOrEqualTo(2);
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void f52APartOfAnInputIsNotMerged() throws Exception {
		TestInput whole = file(5, 9, 8, 9);
		for (int length = 0; length < whole.bytes().length; length++) {
			TestInput input = new TestInput(whole.range(), Arrays.copyOf(whole.bytes(), length));
			assertThatExceptionOfType(DamagedInputException.class)
				.isThrownBy(() -> LtxMerge.merge(List.of(input, file(6, 2, 1)), this.scratch))
				.withMessageContaining("truncated");
		}
	}

	@Test
	void aFileOfOtherTransactionsIsRefused() {
		TestInput input = new TestInput(LtxFileName.of(new Txid(6)), file(5, 1, 1).bytes());
		assertThatExceptionOfType(DamagedInputException.class)
			.isThrownBy(() -> LtxMerge.merge(List.of(input), this.scratch))
			.withMessageContaining("expected transactions 0000000000000006")
			.withMessageContaining("0000000000000005");
	}

	@Test
	void anotherPageSizeIsRefusedAndTheFileNamed() {
		List<TestInput> files = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			files.add(file(2 + i, 1, 1));
		}
		LtxFileName range = LtxFileName.of(new Txid(102));
		TestInput other = new TestInput(range,
				TestPages.file(LtxHeader.of(1024, 1, range.min(), range.max(), Instant.EPOCH),
						new TreeMap<>(Map.of(1L, new byte[1024]))));
		files.add(other);
		assertThatExceptionOfType(DamagedInputException.class).isThrownBy(() -> LtxMerge.merge(files, this.scratch))
			.withMessageContaining("expected pages of 512 bytes")
			.satisfies((ex) -> assertThat(ex.input()).isSameAs(other));
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void nothingIsMergedAcrossAGapNorABaseImage() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LtxMerge.merge(List.of(file(5, 1, 1), file(7, 1, 1)), this.scratch));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LtxMerge.merge(List.of(file(6, 1, 1), file(5, 1, 1)), this.scratch));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LtxMerge.merge(List.of(file(1, 1, 1), file(2, 1, 1)), this.scratch));
	}

	@Test
	void anInterruptEndsIt() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class)
			.isThrownBy(() -> LtxMerge.merge(List.of(file(5, 1, 1)), this.scratch));
		assertThat(this.folder).isEmptyDirectory();
	}

	private TreeMap<Long, byte[]> merge(TestInput... files) throws Exception {
		try (MergedFile merged = LtxMerge.merge(List.of(files), this.scratch)) {
			merged.verify();
			TreeMap<Long, byte[]> pages = new TreeMap<>();
			TestPages.apply(merged.open().readAllBytes(), pages);
			return pages;
		}
	}

	private static TestInput file(int txid, long commit, long... numbers) {
		LtxFileName range = LtxFileName.of(new Txid(txid));
		return new TestInput(range, TestPages.file(range, commit, Instant.ofEpochSecond(txid), pages(txid, numbers)));
	}

	private static SortedMap<Long, byte[]> pages(int txid, long... numbers) {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		for (long number : numbers) {
			pages.put(number, page(txid, number));
		}
		return pages;
	}

	private static byte[] page(int txid, long number) {
		byte[] page = new byte[512];
		page[0] = (byte) txid;
		page[1] = (byte) (txid >> 8);
		page[2] = (byte) number;
		return page;
	}

}
