package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that stands still until a test lets time pass.
 */
final class SetClock extends Clock {

	private volatile Instant instant = Instant.parse("2026-01-01T00:00:00Z");

	void pass(Duration time) {
		this.instant = this.instant.plus(time);
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Instant instant() {
		return this.instant;
	}

}
