package io.github.litestream4j.benchmarks;

import java.util.Arrays;

/**
 * A time for each transaction, by its number. Not safe for use by several threads.
 */
final class Times {

	private long[] nanos = new long[1 << 16];

	void set(long number, long nanos) {
		int index = Math.toIntExact(number);
		if (index >= this.nanos.length) {
			this.nanos = Arrays.copyOf(this.nanos, Math.max(index + 1, this.nanos.length * 2));
		}
		this.nanos[index] = nanos;
	}

	long get(long number) {
		return this.nanos[Math.toIntExact(number)];
	}

}
