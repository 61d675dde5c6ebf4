package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

import io.github.litestream4j.history.Chore;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Takes a snapshot on an interval, counted from the newest one in the replica: neither a
 * restart nor a snapshot that was asked for in between leads to one too many. While
 * nothing is captured none is due.
 */
final class SnapshotChore implements Chore {

	/** How long it may take to be begun: an outage holds no other chore up. */
	private static final Duration BEGIN = Duration.ofSeconds(30);

	/** How long it may take in all: its storage gives up long before. */
	private static final Duration LONGEST = Duration.ofDays(7);

	private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

	/** What fails at its end is stored almost whole each time. */
	private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

	private final SnapshotOrders orders;

	private final Progress progress;

	private final StormGuard guard;

	private final Function<Duration, Txid> sync;

	private final Duration interval;

	private final Clock clock;

	/** The newest snapshot when this was last asked, or null. */
	private @Nullable StoredFile newest;

	/** Its time, which is not after that at which it was first seen. */
	private Instant time = Instant.MIN;

	private Instant notBefore = Instant.MIN;

	private Duration pause = FIRST_PAUSE;

	SnapshotChore(SnapshotOrders orders, Progress progress, StormGuard guard, Function<Duration, Txid> sync,
			Duration interval, Clock clock) {
		this.orders = orders;
		this.progress = progress;
		this.guard = guard;
		this.sync = sync;
		this.interval = interval;
		this.clock = clock;
	}

	@Override
	public String name() {
		return "snapshot";
	}

	@Override
	public Instant due() {
		Optional<StoredFile> newest = SnapshotOrders.newest(this.progress);
		boolean wanted = !this.interval.isZero() && newest.isPresent()
				&& this.progress.captured().isAfter(newest.get().key().name().max());
		// A history's first one is not waited for here, and a damaged database has none
		if (!wanted || this.progress.isSnapshotMissing() || this.progress.isDamaged()) {
			return Instant.MAX;
		}
		look(newest.get());
		forgetOldClock();
		Instant due = this.time.plus(this.interval);
		return due.isAfter(this.notBefore) ? due : this.notBefore;
	}

	/**
	 * A clock that was wrong when the file was stored, or that is put back, must not put
	 * the next one off.
	 */
	private void look(StoredFile found) {
		if (!found.equals(this.newest)) {
			this.newest = found;
			this.time = found.lastModified();
		}
		Instant now = this.clock.instant();
		this.time = this.time.isAfter(now) ? now : this.time;
	}

	/** Nor must it put off what failed. */
	private void forgetOldClock() {
		Instant latest = this.clock.instant().plus(LONGEST_PAUSE);
		if (this.notBefore.isAfter(latest)) {
			Instant permitted = this.guard.permittedFrom();
			this.notBefore = permitted.isAfter(latest) ? permitted : latest;
		}
	}

	@Override
	public void run() throws InterruptedException {
		try {
			this.orders.take(this.sync, BEGIN, LONGEST);
			this.pause = FIRST_PAUSE;
			this.notBefore = Instant.MIN;
		}
		catch (RuntimeException ex) {
			if (Thread.interrupted()) {
				InterruptedException interrupted = new InterruptedException("the snapshot was given up");
				interrupted.initCause(ex);
				throw interrupted;
			}
			putOff();
			throw ex;
		}
	}

	private void putOff() {
		Instant again = this.clock.instant().plus(this.pause);
		Instant permitted = this.guard.permittedFrom();
		this.notBefore = permitted.isAfter(again) ? permitted : again;
		this.pause = (this.pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0) ? LONGEST_PAUSE
				: this.pause.multipliedBy(2);
	}

}
