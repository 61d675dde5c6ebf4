package io.github.litestream4j.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells for how long the clock of this machine has gone as time does, and when it may be
 * believed: one that is far ahead for a moment would make everything old. For use by one
 * thread.
 */
final class SteadyTime {

	private static final Logger logger = LoggerFactory.getLogger(SteadyTime.class);

	/** How far it may be put at once, as it is every now and then. */
	private static final Duration TOLERANCE = Duration.ofMinutes(1);

	/** How long it must have gone on. */
	private static final Duration NEEDED = Duration.ofMinutes(5);

	/** Where hardly anything is kept, a tenth of the time it is kept for. */
	private static final int SHARE = 10;

	private final String database;

	private final Clock clock;

	private final LongSupplier nanos;

	private final Duration needed;

	/** When both were looked at last. */
	private Instant time;

	private long at;

	/** Since when they agree. */
	private long since;

	/**
	 * Begin to look at a clock, which is not believed yet.
	 * @param database what messages call the database
	 * @param clock the clock
	 * @param nanos time that nobody can set, as {@link System#nanoTime}
	 * @param window how far back states are kept that a wrong clock would let go
	 */
	SteadyTime(String database, Clock clock, LongSupplier nanos, Duration window) {
		this.database = database;
		this.clock = clock;
		this.nanos = nanos;
		Duration share = window.dividedBy(SHARE);
		this.needed = (share.compareTo(NEEDED) < 0) ? share : NEEDED;
		this.time = clock.instant();
		this.at = nanos.getAsLong();
		this.since = this.at;
	}

	/**
	 * Look at the clock.
	 * @return how long it has to go on until it is believed, zero when it is
	 */
	Duration left() {
		Instant time = this.clock.instant();
		long at = this.nanos.getAsLong();
		Duration jump = Duration.between(this.time, time).minusNanos(at - this.at);
		if (jump.abs().compareTo(TOLERANCE) > 0) {
			logger.warn(
					"{}: the clock was put {} by {}, to {}: nothing is deleted from the replica until it has gone on for {}",
					this.database, jump.isNegative() ? "back" : "forward", jump.abs(), time, this.needed);
			this.since = at;
		}
		this.time = time;
		this.at = at;
		Duration left = this.needed.minusNanos(at - this.since);
		return left.isNegative() ? Duration.ZERO : left;
	}

	/**
	 * What the clock said when it was looked at last.
	 */
	Instant time() {
		return this.time;
	}

}
