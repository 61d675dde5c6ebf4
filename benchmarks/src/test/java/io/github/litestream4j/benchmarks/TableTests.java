package io.github.litestream4j.benchmarks;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TableTests {

	@Test
	void columnsStandBelowEachOther() {
		Table table = new Table("", "alone");
		table.row("commits/s", "12,345");
		assertThat(table).hasToString("""
				|           | alone  |
				| --------- | ------ |
				| commits/s | 12,345 |""");
	}

	@Test
	void aRowHasAsManyCellsAsTheHead() {
		Table table = new Table("a", "b");
		assertThatIllegalArgumentException().isThrownBy(() -> table.row("only one"));
	}

	@Test
	void timesHaveTwoOrThreeDigits() {
		assertThat(Table.time(Duration.ofNanos(712_345))).isEqualTo("0.71 ms");
		assertThat(Table.time(Duration.ofNanos(71_234_500))).isEqualTo("71.2 ms");
		assertThat(Table.time(Duration.ofMillis(1234))).isEqualTo("1,234 ms");
	}

}
