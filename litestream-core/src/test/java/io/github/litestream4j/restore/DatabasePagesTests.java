package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.ltx.LtxHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class DatabasePagesTests {

	private static final int PAGE_SIZE = 512;

	@TempDir
	private Path folder;

	private Path path;

	private FileChannel file;

	@BeforeEach
	void open() throws IOException {
		this.path = this.folder.resolve("pages");
		this.file = FileChannel.open(this.path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
				StandardOpenOption.WRITE);
	}

	@AfterEach
	void close() throws IOException {
		this.file.close();
	}

	@Test
	void keepsTheFirstImageOfEachPageInWhateverOrderTheyCome() throws IOException {
		int count = 5000;
		DatabasePages pages = new DatabasePages(this.file, PAGE_SIZE, count);
		List<Long> numbers = new ArrayList<>();
		for (long number = 1; number <= count + 10; number++) {
			numbers.add(number);
		}
		Collections.shuffle(numbers.subList(1000, 4000), new Random(5));
		for (long number : numbers) {
			pages.put(number, page(number));
			pages.put(number, page(number + 1));
		}
		pages.finish();
		assertThat(pages.firstMissing()).isZero();
		assertThat(this.path).hasSize((long) count * PAGE_SIZE);
		for (long number = 1; number <= count; number++) {
			assertThat(read(number)).as("page %s", number).isEqualTo(page(number));
		}
	}

	@Test
	void namesTheFirstPageThatIsMissing() throws IOException {
		DatabasePages pages = new DatabasePages(this.file, PAGE_SIZE, 200);
		for (long number = 1; number <= 200; number++) {
			if (number != 64 && number != 150) {
				pages.put(number, page(number));
			}
		}
		assertThat(pages.firstMissing()).isEqualTo(64);
		pages.put(64, page(64));
		assertThat(pages.firstMissing()).isEqualTo(150);
		pages.put(150, page(150));
		assertThat(pages.firstMissing()).isZero();
	}

	@Test
	void aDatabaseMayEndWithTheLockPage() throws IOException {
		int pageSize = 65536;
		long lockPage = LtxHeader.lockPage(pageSize);
		DatabasePages pages = new DatabasePages(this.file, pageSize, lockPage);
		pages.put(1, new byte[pageSize]);
		pages.finish();
		assertThat(this.path).hasSize(lockPage * pageSize);
		assertThat(pages.firstMissing()).isEqualTo(2);
	}

	@Test
	void f22PagesOfZerosTakeNoPlaceAndCountAsPut() throws IOException {
		DatabasePages pages = new DatabasePages(this.file, PAGE_SIZE, 40_000);
		long sum = 0;
		for (long number = 40_000; number >= 1; number--) {
			byte[] page = (number % 20_000 == 7) ? page(number) : new byte[PAGE_SIZE];
			pages.put(number, page);
			// An older image
			pages.put(number, page(number));
			sum ^= Crc64.pageChecksum(number, page, 0, PAGE_SIZE);
		}
		pages.finish();
		assertThat(pages.firstMissing()).isZero();
		assertThat(pages.checksum()).isEqualTo(sum | Long.MIN_VALUE);
		assertThat(this.path).hasSize(40_000L * PAGE_SIZE);
		for (long number = 1; number <= 40_000; number += 3333) {
			assertThat(read(number)).containsOnly(0);
		}
		assertThat(read(7)).isEqualTo(page(7));
		assertThat(read(20_007)).isEqualTo(page(20_007));
	}

	private static byte[] page(long number) {
		byte[] page = new byte[PAGE_SIZE];
		Arrays.fill(page, (byte) (number * 31));
		page[0] = (byte) number;
		page[1] = (byte) (number >> 8);
		return page;
	}

	private byte[] read(long number) throws IOException {
		ByteBuffer page = ByteBuffer.allocate(PAGE_SIZE);
		assertThat(this.file.read(page, (number - 1) * PAGE_SIZE)).isEqualTo(PAGE_SIZE);
		return page.array();
	}

}
