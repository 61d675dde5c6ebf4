package io.github.litestream4j.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * How transactions follow each other. Each is run by the thread that writes.
 */
@FunctionalInterface
interface Workload {

	/**
	 * Write.
	 * @param ticks where to
	 * @param log takes each commit
	 */
	void run(Ticks ticks, CommitLog log) throws SQLException;

	/**
	 * One commit, then a rest: longer than a second, and at random, so that no clock of a
	 * replicator keeps step with it.
	 */
	static Workload lone(int count, RandomGenerator random) {
		return (ticks, log) -> {
			for (int i = 0; i < count; i++) {
				pauseUntil(System.nanoTime() + Duration.ofMillis(1200 + random.nextInt(1000)).toNanos());
				log.commit(ticks);
			}
		};
	}

	/** So many commits in each second, evenly; late ones are made up for. */
	static Workload paced(int perSecond, Duration length) {
		return (ticks, log) -> {
			long count = perSecond * length.toMillis() / 1000;
			long begin = System.nanoTime();
			for (long i = 0; i < count; i++) {
				pauseUntil(begin + i * 1_000_000_000L / perSecond);
				log.commit(ticks);
			}
		};
	}

	/** One commit right after the other. */
	static Workload fullSpeed(Duration length) {
		return (ticks, log) -> {
			long end = System.nanoTime() + length.toNanos();
			while (System.nanoTime() < end) {
				log.commit(ticks);
			}
		};
	}

	private static void pauseUntil(long nanos) {
		for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

}
