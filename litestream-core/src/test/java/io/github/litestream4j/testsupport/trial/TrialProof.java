package io.github.litestream4j.testsupport.trial;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;

/**
 * Restores every state that was noted and is kept. Nothing stores meanwhile.
 * <p>
 * A TXID that a reachable file ends with gives exactly the ledger's number at it, any
 * other TXID an error. A time gives the newest such state that is not after it, which is
 * not older than an interval of the coarsest level.
 */
final class TrialProof {

	/** A chore may be late by this, on a busy machine. */
	private static final Duration LATE = Duration.ofSeconds(5);

	private final TrialPlace place;

	private final TrialSettings settings;

	private final Marks marks;

	private final KeptStates kept;

	private final Restores restores;

	private int times;

	private int exactTimes;

	private int txids;

	private int refused;

	private int theirs;

	private Duration coarsest = Duration.ZERO;

	TrialProof(TrialPlace place, TrialSettings settings, Marks marks) {
		this.place = place;
		this.settings = settings;
		this.marks = marks;
		this.kept = KeptStates.of(place.storage(), 0);
		this.restores = new Restores(place, "proof.db");
	}

	/**
	 * Restore them all.
	 * @param end when the database was closed
	 */
	void run(Instant end) {
		List<Mark> window = this.marks.since(end.minus(this.settings.history().snapshotRetention()));
		for (Mark mark : window) {
			time(mark);
			txid(mark);
		}
		for (Txid txid : this.kept.since(Instant.MIN)) {
			this.marks.require(txid, this.restores.to(txid).number());
			this.txids++;
		}
		litestream(window);
	}

	private void time(Mark mark) {
		Txid expected = expected(mark);
		Restores.Restored restored = this.restores.to(mark.time());
		if (!restored.txid().equals(expected)) {
			throw new AssertionError("%s: the newest kept state of its time is %s, but %s was restored".formatted(mark,
					expected, restored));
		}
		this.marks.require(expected, restored.number());
		Duration coarse = this.settings.history()
			.levels()
			.stream()
			.reduce((one, other) -> other)
			.orElse(Duration.ZERO)
			.plus(LATE);
		if (restored.number() < this.marks.numberBefore(mark.time().minus(coarse))) {
			throw new AssertionError(mark + ": " + restored + " is older than " + coarse);
		}
		Duration distance = Duration.between(this.kept.time(expected), mark.time());
		this.coarsest = (distance.compareTo(this.coarsest) > 0) ? distance : this.coarsest;
		this.times++;
		this.exactTimes += expected.equals(mark.txid()) ? 1 : 0;
	}

	private Txid expected(Mark mark) {
		Txid expected = this.kept.at(mark.time())
			.orElseThrow(() -> new AssertionError(mark + " is in the window, but no state as old is kept"));
		if (this.kept.has(mark.txid()) && !expected.equals(mark.txid())) {
			throw new AssertionError(mark + " is kept, but the newest kept state of its time is " + expected);
		}
		return expected;
	}

	private void txid(Mark mark) {
		if (this.kept.has(mark.txid())) {
			// Restored below, with all that are kept
			return;
		}
		try {
			throw new AssertionError(mark + " is not kept, but " + this.restores.to(mark.txid()) + " was restored");
		}
		catch (UnreachablePointException ex) {
			this.refused++;
		}
	}

	/** Litestream gives no time that is not before its newest file's. */
	private void litestream(List<Mark> window) {
		List<Mark> known = window.stream()
			.filter((mark) -> mark.txid().isBefore(this.kept.newest()) && this.kept.hasSnapshotBefore(mark.time()))
			.toList();
		for (Mark mark : sample(known)) {
			number("-timestamp " + mark.time(), expected(mark),
					this.restores.litestream("-timestamp", mark.time().toString()));
		}
		for (Mark mark : sample(known.stream().filter((mark) -> this.kept.has(mark.txid())).toList())) {
			number("-txid " + mark.txid(), mark.txid(), this.restores.litestream("-txid", mark.txid().toString()));
		}
	}

	private void number(String option, Txid txid, long number) {
		long ours = this.restores.to(txid).number();
		if (number != ours) {
			throw new AssertionError("Litestream restores transaction %d with %s, but TXID %s ends with transaction %d"
				.formatted(number, option, txid, ours));
		}
		this.theirs++;
	}

	private List<Mark> sample(List<Mark> all) {
		int count = Math.min(this.settings.sample(), all.size());
		return IntStream.range(0, count)
			.mapToObj((index) -> all.get((int) ((long) index * all.size() / count)))
			.toList();
	}

	/** How many states Litestream restored. */
	int theirs() {
		return this.theirs;
	}

	/** How many times were restored, and of them how many to the state of the mark. */
	int times() {
		return this.times;
	}

	@Override
	public String toString() {
		return "%d times restored (%d of them to exactly the noted state, the others up to %d ms earlier), %d kept TXIDs restored, %d TXIDs that are merged refused, %d restored by Litestream"
			.formatted(this.times, this.exactTimes, this.coarsest.toMillis(), this.txids, this.refused, this.theirs);
	}

}
