package io.github.litestream4j.torture;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the ledger of one database can say. Where an application was killed within a
 * commit, there are two possibilities until it comes back.
 */
final class Truth {

	/** What was committed, or may have been. */
	private final Map<Long, Set<Entry>> current = new HashMap<>();

	/** What was given up by somebody who restored an older state by hand. */
	private final Set<Entry> former = new HashSet<>();

	private Entry committed = Entry.NONE;

	private long stored = -1;

	void intended(Entry entry) {
		this.current.computeIfAbsent(entry.seq(), (seq) -> new HashSet<>()).add(entry);
	}

	void committed(Entry entry) {
		intended(entry);
		if (entry.seq() > this.committed.seq()) {
			this.committed = entry;
		}
	}

	void stored(long seq) {
		this.stored = Math.max(this.stored, seq);
	}

	/** The last entry known to be committed. */
	Entry committed() {
		return this.committed;
	}

	/** The last number known to be stored, -1 when nothing is. */
	long stored() {
		return this.stored;
	}

	/**
	 * The application found its database again, and it is whole.
	 */
	void opened(Entry found, boolean databaseWasLost) {
		if (!isCurrent(found)) {
			throw new Violation("the application found " + found + ", which was never committed");
		}
		long least = databaseWasLost ? this.stored : this.committed.seq();
		if (found.seq() < least) {
			throw new Violation("the application found %s, but %s".formatted(found,
					databaseWasLost ? least + " was stored" : this.committed + " was committed"));
		}
		this.current.keySet().removeIf((seq) -> seq > found.seq());
		this.committed = found;
	}

	/**
	 * Somebody put an older state in the place of the database, maybe one of a time
	 * before an earlier such change.
	 * @param ledger every entry of it
	 */
	void wentBackTo(List<Entry> ledger) {
		this.current.values().forEach(this.former::addAll);
		this.current.clear();
		for (Entry entry : ledger) {
			if (!this.former.contains(entry)) {
				throw new Violation("an older state has " + entry + ", which was never committed");
			}
			intended(entry);
		}
		this.committed = ledger.isEmpty() ? Entry.NONE : ledger.get(ledger.size() - 1);
		this.stored = -1;
	}

	boolean isCurrent(Entry entry) {
		return entry.equals(Entry.NONE) || this.current.getOrDefault(entry.seq(), Set.of()).contains(entry);
	}

	boolean isKnown(Entry entry) {
		return isCurrent(entry) || this.former.contains(entry);
	}

}
