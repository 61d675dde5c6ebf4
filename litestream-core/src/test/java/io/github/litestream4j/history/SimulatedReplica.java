package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * The listings of a replica whose writer does what writers do, at random, while its clock
 * is put forward and back, and files are lost and stored twice. What a restore gives is
 * told by the plainest model: every file is tried on every state until nothing changes.
 */
final class SimulatedReplica {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	final Map<LtxKey, StoredFile> files = new TreeMap<>(
			Comparator.comparing((LtxKey key) -> key.name().max()).thenComparing(LtxKey::toString));

	final Map<LtxKey, Instant> times = new HashMap<>();

	final Random random;

	/**
	 * A folder's files have the time of their newest transaction, a bucket's their own.
	 */
	private final boolean folder;

	private final int levels;

	Instant now = START;

	long txid;

	private Instant newestTime = START;

	/** Whether anything was lost or stored twice. */
	boolean odd;

	SimulatedReplica(Random random) {
		this.random = random;
		this.folder = random.nextBoolean();
		this.levels = random.nextInt(4);
		this.txid = 1;
		add(9, 1, 1);
	}

	void commits(int count) {
		for (int i = 0; i < count; i++) {
			step(Duration.ofMillis(this.random.nextInt(2000)));
			this.txid++;
			add(0, this.txid, this.txid);
		}
	}

	void step(Duration duration) {
		this.now = this.now.plus(duration);
	}

	/** With a file of its TXID in level 0, as snapshots on the interval have. */
	void snapshot() {
		add(9, 1, this.txid);
	}

	/** As after a lost position: the claim, and a snapshot after a TXID of no file. */
	void beginAnew() {
		commits(1);
		this.txid += 1 + this.random.nextInt(2);
		add(9, 1, this.txid);
	}

	/** Merge what a level has after the end of the level above, in contiguous runs. */
	void merge() {
		for (int level = 1; level <= this.levels; level++) {
			if (this.random.nextBoolean()) {
				merge(level);
			}
		}
	}

	private void merge(int level) {
		long end = ofLevel(level).stream().mapToLong(SimulatedReplica::max).max().orElse(0);
		long min = 0;
		long max = 0;
		for (StoredFile file : ofLevel(level - 1)) {
			if (min(file) <= end) {
				continue;
			}
			if (max != 0 && min(file) != max + 1) {
				add(level, min, max);
				min = 0;
			}
			min = (min == 0) ? min(file) : min;
			max = max(file);
		}
		if (min != 0) {
			add(level, min, max);
		}
	}

	void lose() {
		List<LtxKey> keys = List.copyOf(this.files.keySet());
		if (keys.size() > 2) {
			this.odd = true;
			this.files.remove(keys.get(this.random.nextInt(keys.size())));
		}
	}

	void overlap() {
		this.odd = true;
		long min = 2 + this.random.nextLong(Math.max(1, this.txid - 1));
		long max = Math.min(this.txid, min + this.random.nextInt(12));
		if (min <= max) {
			add(this.random.nextInt(4), min, max);
		}
	}

	private void add(int level, long min, long max) {
		LtxKey key = new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
		Instant time = this.times.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().name().max().value() == max)
			.map(Map.Entry::getValue)
			.findFirst()
			.orElse(null);
		if (time == null) {
			// A writer's times never go back, whatever its clock does
			this.newestTime = this.now.isAfter(this.newestTime) ? this.now : this.newestTime;
			time = this.newestTime;
		}
		this.times.put(key, time);
		this.files.put(key, new StoredFile(key, 1000, this.folder ? time : this.now));
	}

	private List<StoredFile> ofLevel(int level) {
		return this.files.values()
			.stream()
			.filter((file) -> file.key().level() == level)
			.sorted(Comparator.comparing((file) -> file.key().name()))
			.toList();
	}

	static long min(StoredFile file) {
		return file.key().name().min().value();
	}

	static long max(StoredFile file) {
		return file.key().name().max().value();
	}

	/** Every state that some files give. */
	static Set<Long> states(Collection<StoredFile> files) {
		TreeSet<Long> states = new TreeSet<>();
		boolean changed = true;
		while (changed) {
			changed = false;
			for (StoredFile file : files) {
				Long from = (min(file) == 1) ? Long.valueOf(0) : states.ceiling(min(file) - 1);
				changed |= from != null && from < max(file) && states.add(max(file));
			}
		}
		return states;
	}

	/** What the files name for a time, 0 for nothing. */
	long named(Collection<StoredFile> files, Instant time) {
		return files.stream()
			.filter((file) -> !this.times.get(file.key()).isAfter(time))
			.mapToLong(SimulatedReplica::max)
			.max()
			.orElse(0);
	}

	/** What a restore to a time gives, empty for an error. */
	Optional<Long> at(Collection<StoredFile> files, Set<Long> states, Instant time) {
		long named = named(files, time);
		if (named == 0 || states.contains(named)) {
			return (named == 0) ? Optional.empty() : Optional.of(named);
		}
		return states.stream()
			.filter((state) -> state < named)
			.max(Long::compare)
			.filter((state) -> files.stream()
				.anyMatch((file) -> file.key().level() > 0 && file.key().level() < 9 && min(file) == state + 1
						&& max(file) >= named));
	}

	/** Every time at which something else may be given. */
	List<Instant> moments() {
		List<Instant> moments = new ArrayList<>(new HashSet<>(this.times.values()));
		moments.sort(null);
		return moments;
	}

}
