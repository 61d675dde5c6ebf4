package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * The stored files that were found damaged or missing when they were to be merged. Each
 * is left out until it was stored anew, or it is time to look again.
 */
final class Damages {

	/** When it is time to look again. */
	static final Duration PAUSE = Duration.ofMinutes(10);

	private final ReplicaIndex index;

	private final String replica;

	private final Map<StoredFile, Damage> found = new HashMap<>();

	Damages(ReplicaIndex index, String replica) {
		this.index = index;
		this.replica = replica;
	}

	void add(StoredFile file, String problem, Instant now) {
		this.index.disproven(file);
		this.found.put(file, new Damage(file, problem, now.plus(PAUSE)));
	}

	/**
	 * The files without those that are left out.
	 */
	List<StoredFile> without(List<StoredFile> files) {
		return this.found.isEmpty() ? files : files.stream().filter((file) -> !this.found.containsKey(file)).toList();
	}

	/**
	 * When it is time to look again at one that matters.
	 * @param now the time; a clock that is put back must not put it off
	 * @return the time, {@link Instant#MAX} when there is none
	 */
	Instant due(Instant now) {
		Instant latest = now.plus(PAUSE);
		this.found.replaceAll(
				(file, damage) -> damage.again().isAfter(latest) ? new Damage(file, damage.problem(), latest) : damage);
		return present().stream().map(Damage::again).min(Instant::compareTo).orElse(Instant.MAX);
	}

	/**
	 * Look again at those whose time it is.
	 * @return the levels that they are in
	 */
	Set<Integer> forget(Instant now) {
		List<Damage> due = present().stream().filter((damage) -> !damage.again().isAfter(now)).toList();
		due.forEach((damage) -> this.found.remove(damage.file()));
		return due.stream().map((damage) -> damage.file().key().level()).collect(Collectors.toSet());
	}

	/**
	 * Fail while the newest state cannot be restored because of one of them.
	 * @throws CorruptDataException that names them
	 */
	void requireNone() {
		List<Damage> present = present();
		if (present.isEmpty()) {
			return;
		}
		Damage first = present.get(0);
		throw new CorruptDataException(
				"%s%s. No state from TXID %s on, up to the next snapshot, can be restored from %s; what comes before and after it is merged without it. Take a snapshot, or put the file back as it was stored"
					.formatted(first.problem(),
							(present.size() > 1) ? " (and %d other files)".formatted(present.size() - 1) : "",
							first.file().key().name().min(), this.replica));
	}

	/**
	 * Those that are still there, and that no later snapshot and no file that they were
	 * merged into makes up for, ascending.
	 */
	private List<Damage> present() {
		if (this.found.isEmpty()) {
			return List.of();
		}
		this.found.keySet().removeIf((file) -> !this.index.contains(file));
		return this.found.values()
			.stream()
			.filter((damage) -> !isMadeUpFor(damage.file().key()))
			.sorted(Comparator.comparing((damage) -> damage.file().key().name()))
			.toList();
	}

	private boolean isMadeUpFor(LtxKey damaged) {
		return IntStream.rangeClosed(damaged.level() + 1, LtxKey.SNAPSHOT_LEVEL)
			.mapToObj((level) -> without(this.index.level(level)))
			.flatMap(List::stream)
			.map((file) -> file.key().name())
			.anyMatch((name) -> name.contains(damaged.name().min()) && name.contains(damaged.name().max()));
	}

	/**
	 * What is wrong with a file.
	 *
	 * @param file the file
	 * @param problem the message that names it
	 * @param again when it is looked at again
	 */
	private record Damage(StoredFile file, String problem, Instant again) {

	}

}
