package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Slows this process's writers down a little, commit by commit, while copying what they
 * wrote would else never catch up with them: many short waits in the place of a long one.
 * Safe for use by several threads.
 */
final class WriterPace {

	private volatile long nanos;

	/**
	 * From now on each commit waits.
	 * @param wait for how long
	 */
	void slow(Duration wait) {
		this.nanos = wait.toNanos();
	}

	/** From now on no commit waits. */
	void free() {
		this.nanos = 0;
	}

	/** Called on a writer's thread, for each commit. */
	void await() {
		long wait = this.nanos;
		if (wait > 0) {
			LockSupport.parkNanos(this, wait);
		}
	}

}
