package io.github.litestream4j.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * What a replica holds, as its writer knows it without asking: listed once, then kept up
 * to date by whatever stores and deletes. Safe for use by several threads.
 * <p>
 * It tells when there is something to do. Nothing is deleted on its word alone.
 */
public final class ReplicaIndex {

	private final List<TreeMap<LtxFileName, StoredFile>> levels = new ArrayList<>();

	/** What is being deleted, as far as it was not seen yet that it is gone. */
	private final Set<LtxKey> going = new HashSet<>();

	/** What was read to its checksum since it was stored, with its size then. */
	private final Map<LtxKey, Long> proven = new HashMap<>();

	/** Merged files that were found damaged, and wait to be made again. */
	private final Set<LtxKey> damaged = new LinkedHashSet<>();

	private final long[] changes = new long[LtxKey.SNAPSHOT_LEVEL + 1];

	private @Nullable Runnable listener;

	private ReplicaIndex() {
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			this.levels.add(new TreeMap<>());
		}
	}

	/**
	 * The index of a listing.
	 * @param files every file of the replica
	 * @return the index
	 */
	public static ReplicaIndex of(Collection<StoredFile> files) {
		ReplicaIndex index = new ReplicaIndex();
		files.forEach(index::add);
		return index;
	}

	/**
	 * Have somebody told of each change, on the thread that makes it.
	 * @param listener returns at once
	 */
	public synchronized void whenChanged(Runnable listener) {
		this.listener = listener;
	}

	/**
	 * A file was stored.
	 * @param file the file
	 */
	public void add(StoredFile file) {
		Runnable listener;
		synchronized (this) {
			this.levels.get(file.key().level()).put(file.key().name(), file);
			this.going.remove(file.key());
			this.proven.remove(file.key());
			this.changes[file.key().level()]++;
			listener = this.listener;
		}
		if (listener != null) {
			listener.run();
		}
	}

	/**
	 * A file was stored just now.
	 * @param key which
	 * @param size in bytes
	 */
	public void add(LtxKey key, long size) {
		add(new StoredFile(key, size, Instant.now()));
	}

	/**
	 * Files are about to be deleted, which may fail before or after some of them are.
	 * @param keys all of them; none that was told before is any more
	 */
	public synchronized void going(Collection<LtxKey> keys) {
		this.going.clear();
		this.going.addAll(keys);
	}

	/**
	 * Files are gone.
	 * @param keys which
	 */
	public synchronized void remove(Collection<LtxKey> keys) {
		keys.forEach((key) -> this.levels.get(key.level()).remove(key.name()));
		this.going.removeAll(keys);
		this.proven.keySet().removeAll(keys);
	}

	/**
	 * A file was read from the storage to its checksum, and is what it must be.
	 * @param file the file, as it is stored
	 */
	public synchronized void proven(StoredFile file) {
		this.proven.put(file.key(), file.size());
	}

	/**
	 * A file was read and is not what it must be, whatever was proven of it before.
	 * @param file the file
	 */
	synchronized void disproven(StoredFile file) {
		this.proven.remove(file.key());
	}

	/**
	 * Files were read and found damaged. Nothing is let go of on their word any more, and
	 * those that are merged from others are taken by whoever can make them again.
	 * @param files which
	 */
	public void damaged(Collection<StoredFile> files) {
		Runnable listener;
		synchronized (this) {
			files.forEach(this::disproven);
			files.stream()
				.map(StoredFile::key)
				.filter((key) -> key.level() > 0 && key.level() < LtxKey.SNAPSHOT_LEVEL)
				.forEach(this.damaged::add);
			listener = this.listener;
		}
		if (listener != null) {
			listener.run();
		}
	}

	/** Whether there are damaged files that nobody has taken yet. */
	synchronized boolean hasDamaged() {
		return !this.damaged.isEmpty();
	}

	/**
	 * The damaged files, which are told once, the lowest level first: the others are made
	 * of it.
	 */
	synchronized List<StoredFile> takeDamaged() {
		List<StoredFile> files = this.damaged.stream()
			.map((key) -> this.levels.get(key.level()).get(key.name()))
			.filter(Objects::nonNull)
			.sorted(Comparator.comparing((file) -> file.key().level()))
			.toList();
		this.damaged.clear();
		return files;
	}

	/**
	 * Whether this process has read a file to its checksum since it was stored.
	 * @param file the file, as it is listed
	 * @return {@code false} also when only an earlier process has
	 */
	public synchronized boolean isProven(StoredFile file) {
		Long size = this.proven.get(file.key());
		return size != null && size == file.size();
	}

	/**
	 * Whether a file is still there as it was.
	 * @param file a file of this index
	 * @return {@code false} when it is gone, or was stored anew
	 */
	public synchronized boolean contains(StoredFile file) {
		return file.equals(this.levels.get(file.key().level()).get(file.key().name()));
	}

	/**
	 * How often a file was stored in a level: as long as it stays the same, there is
	 * nothing new there.
	 * @param level 0 to 9
	 * @return a number that only grows
	 */
	public synchronized long changes(int level) {
		return this.changes[level];
	}

	/**
	 * The files of a level.
	 * @param level 0 to 9
	 * @return a copy, ascending by first and then by last transaction
	 */
	public synchronized List<StoredFile> level(int level) {
		return List.copyOf(this.levels.get(level).values());
	}

	/**
	 * The last file of a level.
	 * @param level 0 to 9
	 * @return the one with the largest first and then last transaction, empty when the
	 * level is
	 */
	public synchronized Optional<StoredFile> newest(int level) {
		Map.Entry<LtxFileName, StoredFile> last = this.levels.get(level).lastEntry();
		return (last != null) ? Optional.of(last.getValue()) : Optional.empty();
	}

	/**
	 * Every file.
	 * @return a copy, level by level
	 */
	public synchronized List<StoredFile> all() {
		return this.levels.stream().flatMap((files) -> files.values().stream()).toList();
	}

	/**
	 * Every file that nobody here has tried to delete.
	 * @return a copy, level by level
	 */
	public synchronized List<StoredFile> staying() {
		return all().stream().filter((file) -> !this.going.contains(file.key())).toList();
	}

}
