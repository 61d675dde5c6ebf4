package io.github.litestream4j.benchmarks;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LagsTests {

	@Test
	void percentilesAreThoseOfTheLagsInOrder() {
		Times committedAt = new Times();
		Times storedAt = new Times();
		for (int number = 1; number <= 200; number++) {
			committedAt.set(number, 1000);
			storedAt.set(number, 1000 + 201 - number);
		}
		Lags lags = Lags.between(1, 200, committedAt, storedAt);
		assertThat(lags.count()).isEqualTo(200);
		assertThat(lags.percentile(50)).isEqualTo(Duration.ofNanos(100));
		assertThat(lags.percentile(99)).isEqualTo(Duration.ofNanos(198));
		assertThat(lags.max()).isEqualTo(Duration.ofNanos(200));
	}

	@Test
	void onlyTheGivenTransactionsCount() {
		Times committedAt = new Times();
		Times storedAt = new Times();
		for (int number = 1; number <= 100_000; number++) {
			committedAt.set(number, 5);
			storedAt.set(number, 5 + number);
		}
		Lags lags = Lags.between(99_999, 100_000, committedAt, storedAt);
		assertThat(lags.count()).isEqualTo(2);
		assertThat(lags.percentile(1)).isEqualTo(Duration.ofNanos(99_999));
	}

	@Test
	void whatIsStoredBeforeItsCommitReturnedHasNoLag() {
		Times committedAt = new Times();
		committedAt.set(1, 50);
		Times storedAt = new Times();
		storedAt.set(1, 40);
		assertThat(Lags.between(1, 1, committedAt, storedAt).max()).isZero();
	}

}
