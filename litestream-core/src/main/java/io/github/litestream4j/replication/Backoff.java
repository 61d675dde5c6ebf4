package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait after a failure: twice as long each time up to ten seconds, of which a
 * random half is left out. It never gives up.
 */
final class Backoff {

	private static final Duration FIRST = Duration.ofMillis(100);

	private static final Duration LONGEST = Duration.ofSeconds(10);

	private final long first;

	private final long longest;

	private int failures;

	Backoff() {
		this(FIRST, LONGEST);
	}

	Backoff(Duration first, Duration longest) {
		this.first = first.toNanos();
		this.longest = longest.toNanos();
	}

	Duration next() {
		long nanos = this.first << Math.min(this.failures, 20);
		this.failures++;
		long bounded = Math.min(nanos, this.longest);
		return Duration.ofNanos(bounded / 2 + ThreadLocalRandom.current().nextLong(bounded / 2));
	}

	void reset() {
		this.failures = 0;
	}

	int failures() {
		return this.failures;
	}

}
