package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

/**
 * The commits that this process has announced, of which some are yet to be seen in the
 * WAL. Any thread may announce one and ask for the oldest, everything else is the
 * capturing thread's.
 */
final class Announcements {

	private static final long FIRST_PAUSE_NANOS = 10_000;

	private static final long LONGEST_PAUSE_NANOS = 10_000_000;

	private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

	private final AtomicLong count = new AtomicLong();

	/** When the oldest one that is not captured was announced, or 0. */
	private final AtomicLong uncapturedSince = new AtomicLong();

	/**
	 * The oldest one of those that are being captured just now, or 0. Where it goes from
	 * one place to the other nobody must see it in neither, and a lag of 0.
	 */
	private long capturingSince;

	private long settledCount;

	private int settledChange;

	private long pause = FIRST_PAUSE_NANOS;

	private long pausedSince;

	/** Called on a writer's thread. */
	void add() {
		this.uncapturedSince.compareAndSet(0, System.nanoTime());
		this.count.incrementAndGet();
	}

	long count() {
		return this.count.get();
	}

	/**
	 * How long the oldest one waits that is not captured.
	 * @param now as {@link System#nanoTime}
	 * @return in nanoseconds, 0 when none does
	 */
	synchronized long age(long now) {
		return Math.max(age(this.uncapturedSince.get(), now), age(this.capturingSince, now));
	}

	private static long age(long since, long now) {
		return (since != 0) ? Math.max(now - since, 1) : 0;
	}

	/**
	 * Everything that is announced is about to be captured.
	 * @return when the oldest was announced, {@code null} when none was
	 */
	synchronized @Nullable Long take() {
		long since = this.uncapturedSince.getAndSet(0);
		this.capturingSince = since;
		return (since != 0) ? since : null;
	}

	/**
	 * It was captured, or could not be.
	 * @param since what was taken
	 * @param captured whether there was anything
	 */
	synchronized void taken(@Nullable Long since, boolean captured) {
		if (captured) {
			this.pause = FIRST_PAUSE_NANOS;
		}
		else if (since != null) {
			// Its commit is still to come, or could not be captured
			this.uncapturedSince.set(since);
		}
		this.capturingSince = 0;
	}

	/**
	 * How long to wait for what is announced and cannot be seen: a commit is announced
	 * before, and one at a time is under way.
	 * @param count how many were announced before the look at the index
	 * @param index what is committed
	 * @return in nanoseconds, 0 when all are seen, or were rolled back
	 */
	long pause(long count, WalIndexHeader index) {
		long unseen = (count - this.settledCount) - (index.change() - this.settledChange);
		if (unseen <= 0 || gaveUpWaiting()) {
			settle(count, index);
			return 0;
		}
		if (this.pausedSince == 0) {
			this.pausedSince = System.nanoTime();
		}
		long pause = this.pause;
		this.pause = Math.min(pause * 3 / 2, LONGEST_PAUSE_NANOS);
		return pause;
	}

	private boolean gaveUpWaiting() {
		return this.pausedSince != 0 && System.nanoTime() - this.pausedSince > PATIENCE_NANOS;
	}

	private void settle(long count, WalIndexHeader index) {
		this.settledCount = count;
		this.settledChange = index.change();
		this.pausedSince = 0;
		this.pause = FIRST_PAUSE_NANOS;
		if (count() == count) {
			// Nothing announced is left to be seen: what was rolled back has no age
			this.uncapturedSince.set(0);
		}
	}

	/** Another thread goes on. */
	void resume() {
		this.pausedSince = 0;
	}

}
