package io.github.litestream4j.replication;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * However often something fails, it is tried again within ten seconds.
 */
class BackoffTests {

	@Test
	void f63WaitsLongerEachTimeAndNeverLongerThanTenSeconds() {
		Backoff backoff = new Backoff();
		for (int i = 0; i < 1000; i++) {
			Duration longest = Duration.ofMillis(Math.min(100L << Math.min(i, 10), 10_000));
			assertThat(backoff.next()).isBetween(longest.dividedBy(2), longest);
		}
		assertThat(backoff.failures()).isEqualTo(1000);
		backoff.reset();
		assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
	}

}
