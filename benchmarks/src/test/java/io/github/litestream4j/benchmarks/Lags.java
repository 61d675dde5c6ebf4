package io.github.litestream4j.benchmarks;

import java.time.Duration;
import java.util.Arrays;

/**
 * How long each transaction took from its commit to the store.
 */
final class Lags {

	private final long[] sorted;

	private Lags(long[] nanos) {
		this.sorted = nanos;
		Arrays.sort(this.sorted);
	}

	/**
	 * The lags of some transactions.
	 * @param from the first
	 * @param to the last, not before the first
	 * @param committedAt when each commit returned
	 * @param storedAt when each was seen in the store; that can be before its commit
	 * returned, then there was no lag
	 * @return the lags
	 */
	static Lags between(long from, long to, Times committedAt, Times storedAt) {
		long[] nanos = new long[Math.toIntExact(to - from + 1)];
		for (int i = 0; i < nanos.length; i++) {
			nanos[i] = Math.max(0, storedAt.get(from + i) - committedAt.get(from + i));
		}
		return new Lags(nanos);
	}

	int count() {
		return this.sorted.length;
	}

	/**
	 * The smallest lag that at least this share of all is not above.
	 * @param percent above 0, at most 100
	 */
	Duration percentile(double percent) {
		int rank = (int) Math.ceil(percent / 100 * this.sorted.length);
		return Duration.ofNanos(this.sorted[Math.max(1, rank) - 1]);
	}

	Duration max() {
		return percentile(100);
	}

}
