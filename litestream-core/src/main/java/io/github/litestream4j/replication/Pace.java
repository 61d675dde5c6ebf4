package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How fast all pages are read for nobody who waits: between two slices the disk is left
 * to others for as long as the last one took.
 */
@FunctionalInterface
interface Pace {

	/** As fast as it goes. */
	Pace FULL = (nanos) -> {
	};

	/** Half of the time at most. */
	Pace GENTLE = (nanos) -> LockSupport.parkNanos(Math.min(nanos, Duration.ofMillis(20).toNanos()));

	/**
	 * A slice was read.
	 * @param nanos how long that took
	 */
	void slice(long nanos);

}
