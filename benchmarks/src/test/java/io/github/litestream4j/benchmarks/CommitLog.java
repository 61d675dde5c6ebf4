package io.github.litestream4j.benchmarks;

import java.sql.SQLException;
import java.time.Duration;

/**
 * When commits returned, and how long they took. Not safe for use by several threads.
 */
final class CommitLog {

	private final Times committedAt = new Times();

	private long first;

	private long last;

	private long begin;

	private long end;

	private long longest;

	void commit(Ticks ticks) throws SQLException {
		long begin = System.nanoTime();
		long number = ticks.commit();
		long end = System.nanoTime();
		this.committedAt.set(number, end);
		if (this.first == 0) {
			this.first = number;
			this.begin = begin;
		}
		this.last = number;
		this.end = end;
		this.longest = Math.max(this.longest, end - begin);
	}

	long last() {
		return this.last;
	}

	/** The longest transaction, from its begin to the return of its commit. */
	Duration longest() {
		return Duration.ofNanos(this.longest);
	}

	double perSecond() {
		return (this.last - this.first + 1) * 1e9 / (this.end - this.begin);
	}

	long count() {
		return this.last - this.first + 1;
	}

	Lags lags(Times storedAt) {
		return Lags.between(this.first, this.last, this.committedAt, storedAt);
	}

}
