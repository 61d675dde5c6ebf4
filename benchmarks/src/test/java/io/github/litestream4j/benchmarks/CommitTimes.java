package io.github.litestream4j.benchmarks;

import java.sql.SQLException;

/**
 * How long commits took, from the begin of the transaction to the return of the commit,
 * in constant memory. The first ones, which load classes, do not count. Not safe for use
 * by several threads.
 */
final class CommitTimes {

	private static final int MILLIS = 10_000;

	private static final int WARM_UP = 50;

	private final long[] byMillis = new long[MILLIS + 1];

	private final RunDelay runDelay = new RunDelay();

	private final long begin = System.nanoTime();

	private long count;

	private long longest;

	/** The same without the time that the thread waited for a processor. */
	private long longestAwake;

	private long warmUp = WARM_UP;

	private long second;

	void commit(Ticks ticks) throws SQLException {
		long delayed = this.runDelay.nanos();
		long begin = System.nanoTime();
		ticks.commit();
		long nanos = System.nanoTime() - begin;
		delayed = this.runDelay.nanos() - delayed;
		if (this.warmUp > 0) {
			this.warmUp--;
			return;
		}
		this.longestAwake = Math.max(this.longestAwake, nanos - delayed);
		this.byMillis[(int) Math.min(nanos / 1_000_000, MILLIS)]++;
		this.count++;
		if (nanos > this.longest || nanos > 50_000_000) {
			this.longest = Math.max(nanos, this.longest);
			System.out.printf("%d ms after the begin: a commit took %.1f ms, of which %.1f ms for a processor%n",
					(begin - this.begin) / 1_000_000, nanos / 1e6, delayed / 1e6);
		}
	}

	/** Once a second. */
	boolean isSecondOver() {
		long now = (System.nanoTime() - this.begin) / 1_000_000_000L;
		boolean over = now != this.second;
		this.second = now;
		return over;
	}

	void print() {
		System.out.println("result longest " + this.longest / 1000);
		System.out.println("result awake " + this.longestAwake / 1000);
		long left = this.count / 1000;
		int millis = MILLIS;
		for (; millis > 0 && this.byMillis[millis] <= left; millis--) {
			left -= this.byMillis[millis];
		}
		System.out.println("result p999 " + (millis + 1) * 1000);
		System.out.println("result commits " + this.count);
		System.out
			.println("result perSecond " + Math.round(this.count * 1e9 / Math.max(1, System.nanoTime() - this.begin)));
	}

}
