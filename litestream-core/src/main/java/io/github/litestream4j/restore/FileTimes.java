package io.github.litestream4j.restore;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * The times of a replica's files, asked for one by one and as seldom as possible, since
 * on S3 each costs a request. Not safe for use by several threads.
 */
final class FileTimes {

	/**
	 * Times of a store may be whole seconds, and those of a caller come from another
	 * clock.
	 */
	static final Duration PRECISION = Duration.ofSeconds(1);

	/** How far the clocks of a writer and of its storage may differ. */
	private static final Duration CLOCKS = Duration.ofMinutes(1);

	private static final Comparator<StoredFile> BY_END = Comparator.comparing((file) -> file.key().name().max());

	private final ReplicaStorage storage;

	private final Map<LtxKey, Instant> known = new HashMap<>();

	FileTimes(ReplicaStorage storage) {
		this.storage = storage;
	}

	Instant of(StoredFile file) {
		return this.known.computeIfAbsent(file.key(), (key) -> this.storage.timestamp(file));
	}

	/**
	 * The file that ends with the newest transaction of those that are not after a time.
	 * <p>
	 * In one history times ascend with the transactions, in all levels alike, so the
	 * files are searched by halves in the order of their ends. Some may not ascend: a
	 * writer that came too late has left a file of its own, or a clock was put back. What
	 * is later by mistake would hide everything after it. So what follows the file that
	 * was found is looked at too: what comes behind the files of level 0 that go on from
	 * there, what the storage had at the time, and files at distances that double, up to
	 * the newest. As long as one of those is not after the time, the search goes on
	 * behind it. The result depends on the files only.
	 * @param files the files, ascending by level
	 * @param time the time
	 * @return the file, empty when every file is later
	 */
	Optional<StoredFile> newestAt(Collection<StoredFile> files, Instant time) {
		List<List<StoredFile>> ends = List.copyOf(files.stream()
			.collect(Collectors.groupingBy((file) -> file.key().name().max(), TreeMap<Txid, List<StoredFile>>::new,
					Collectors.toList()))
			.values());
		int newest;
		int found = -1;
		do {
			newest = firstLater(ends, found + 1, time) - 1;
			found = notLaterFrom(ends, newest + 1, time);
		}
		while (found >= 0);
		return (newest < 0) ? Optional.empty()
				: ends.get(newest).stream().filter((file) -> !of(file).isAfter(time)).findFirst();
	}

	/**
	 * A newer file that the storage had long before a time, by its own clock. In a folder
	 * there is none, whose files have one time; nor in a copy, whose files were stored
	 * later than they were written, as are those of uploads that lag. A difference that
	 * the two clocks have at the found file and at the newest alike is no contradiction.
	 * @param files the files
	 * @param found the one of them that is the state of the time
	 * @param time the time
	 * @return the newest such file
	 */
	Optional<StoredFile> storedBefore(Collection<StoredFile> files, StoredFile found, Instant time) {
		Instant before = time.minus(CLOCKS);
		List<StoredFile> newer = files.stream().filter((file) -> BY_END.compare(file, found) > 0).toList();
		if (newer.stream().allMatch((file) -> file.lastModified().isAfter(before))) {
			return Optional.empty();
		}
		Duration ahead = Collections.min(List.of(ahead(found), ahead(Collections.max(newer, BY_END))));
		return newer.stream().filter((file) -> !file.lastModified().isAfter(before.minus(ahead))).max(BY_END);
	}

	/** How much later a file says that it was written than the storage that it came. */
	private Duration ahead(StoredFile file) {
		Duration ahead = Duration.between(file.lastModified(), of(file));
		return ahead.isNegative() ? Duration.ZERO : ahead;
	}

	private int firstLater(List<List<StoredFile>> ends, int from, Instant time) {
		int low = from;
		int high = ends.size();
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (isLater(ends.get(middle), time)) {
				high = middle;
			}
			else {
				low = middle + 1;
			}
		}
		return low;
	}

	/**
	 * Look whether something is hidden behind what is later: whatever it finds was not
	 * after the time.
	 * @return its index, -1 when nothing is found
	 */
	private int notLaterFrom(List<List<StoredFile>> ends, int later, Instant time) {
		if (later == ends.size()) {
			return -1;
		}
		for (int index : new int[] { later, behindRun(ends, later), storedBy(ends, later, time) }) {
			if (index < ends.size() && ends.get(index).stream().anyMatch((file) -> !of(file).isAfter(time))) {
				return index;
			}
		}
		int last = ends.size() - 1;
		for (int distance = 1; later + distance < last; distance *= 2) {
			if (!isLater(ends.get(later + distance), time)) {
				return later + distance;
			}
		}
		return (later < last && !isLater(ends.get(last), time)) ? last : -1;
	}

	/**
	 * What comes after the files of single transactions that follow each other: a writer
	 * that came too late may have left several.
	 */
	private static int behindRun(List<List<StoredFile>> ends, int from) {
		int index = from;
		while (index < ends.size() && isSingle(ends.get(index)) && (index == from || follows(ends, index))) {
			index++;
		}
		return index;
	}

	/**
	 * The newest that the storage had at the time, which costs no request. That it had
	 * none proves nothing: it has another clock, and the files of a copy all have its
	 * time.
	 */
	private static int storedBy(List<List<StoredFile>> ends, int after, Instant time) {
		int index = ends.size() - 1;
		while (index > after && ends.get(index).stream().allMatch((file) -> file.lastModified().isAfter(time))) {
			index--;
		}
		return index;
	}

	private static boolean isSingle(List<StoredFile> end) {
		return end.size() == 1 && end.get(0).key().level() == 0;
	}

	private static boolean follows(List<List<StoredFile>> ends, int index) {
		return ends.get(index).get(0).key().name().min().equals(ends.get(index - 1).get(0).key().name().max().next());
	}

	/** All files with one end have one time, but for a snapshot, which may have more. */
	private boolean isLater(List<StoredFile> end, Instant time) {
		return of(end.get(0)).isAfter(time);
	}

}
