package io.github.litestream4j.restore;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class FileFetcherTests {

	private static final long MEGABYTE = 1 << 20;

	@ParameterizedTest
	@CsvSource({ "8, 4096, 4194304", "8, 256, 4194304", "8, 64, 1048576", "64, 256, 524288", "1000, 16, 65536",
			"1, 16, 2097152" })
	void f22TakesAnEighthOfTheHeapAtMost(int ahead, long megabytes, int expected) {
		assertThat(FileFetcher.rangeSize(4 << 20, ahead, megabytes * MEGABYTE)).isEqualTo(expected);
		assertThat(FileFetcher.rangeSize(1000, ahead, megabytes * MEGABYTE)).as("never longer").isEqualTo(1000);
	}

}
