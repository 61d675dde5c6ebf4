package io.github.litestream4j.testsupport.trial;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

import io.github.litestream4j.ltx.Txid;

/**
 * All moments of a run whose state is known. Safe for use by several threads.
 */
final class Marks {

	private final ConcurrentSkipListMap<Txid, Mark> marks = new ConcurrentSkipListMap<>();

	void add(Mark mark) {
		this.marks.put(mark.txid(), mark);
	}

	Optional<Mark> last() {
		return Optional.ofNullable(this.marks.lastEntry()).map(Map.Entry::getValue);
	}

	/** Ascending. */
	List<Mark> since(Instant time) {
		return this.marks.values().stream().filter((mark) -> !mark.time().isBefore(time)).toList();
	}

	/**
	 * The number that the ledger had at some time, at least.
	 */
	long numberBefore(Instant time) {
		return this.marks.values()
			.stream()
			.filter((mark) -> mark.time().isBefore(time))
			.mapToLong(Mark::number)
			.max()
			.orElse(0);
	}

	/**
	 * Fail unless a TXID can have this number: exactly where there is a mark, else
	 * between its neighbours.
	 */
	void require(Txid txid, long number) {
		Map.Entry<Txid, Mark> floor = this.marks.floorEntry(txid);
		Map.Entry<Txid, Mark> ceiling = this.marks.ceilingEntry(txid);
		long least = (floor != null) ? floor.getValue().number() : 0;
		long most = (ceiling != null) ? ceiling.getValue().number() : Long.MAX_VALUE;
		if (number < least || number > most) {
			throw new AssertionError("TXID %s must have a number from %d to %d, but has %d: it lies between %s and %s"
				.formatted(txid, least, most, number, floor, ceiling));
		}
	}

}
