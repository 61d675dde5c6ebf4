package io.github.litestream4j.restore.legacy;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replica holds of Litestream 0.3, as it stood when it was listed.
 */
public final class LegacyReplica {

	private static final Logger logger = LoggerFactory.getLogger(LegacyReplica.class);

	private final String url;

	private final List<LegacyGeneration> generations;

	private LegacyReplica(String url, List<LegacyGeneration> generations) {
		this.url = url;
		this.generations = generations;
	}

	/**
	 * List a replica.
	 * @param storage the replica
	 * @return empty when the storage said that it has no file of Litestream 0.3
	 */
	public static Optional<LegacyReplica> of(ReplicaStorage storage) {
		SortedMap<String, List<LegacyFile>> files = storage.listLegacy()
			.stream()
			.collect(Collectors.groupingBy(LegacyFile::generation, TreeMap::new, Collectors.toList()));
		return files.isEmpty() ? Optional.empty() : Optional.of(new LegacyReplica(storage.url(),
				files.entrySet().stream().map((each) -> LegacyGeneration.of(each.getKey(), each.getValue())).toList()));
	}

	/**
	 * The time of the newest file that a state can be made with.
	 * @param time what is later than this does not count; {@code null} for the latest
	 * @return empty when no state so old can be made
	 */
	public Optional<Instant> newest(@Nullable Instant time) {
		return this.generations.stream()
			.filter((generation) -> generation.snapshotAt(time).isPresent())
			.flatMap((generation) -> Stream.concat(generation.snapshots().stream(), generation.segments().stream()))
			.map(LegacyFile::lastModified)
			.filter((each) -> time == null || !each.isAfter(time))
			.max(Comparator.naturalOrder());
	}

	/**
	 * Where each generation ends.
	 * @return the last file of each, by the generation's name
	 */
	SortedMap<String, String> ends() {
		return this.generations.stream()
			.collect(Collectors.toMap(LegacyGeneration::name, (generation) -> generation.end().path(), (a, b) -> a,
					TreeMap::new));
	}

	/**
	 * Choose the files for a state.
	 * @param time the time whose state is wanted, {@code null} for the latest
	 * @return what to read
	 * @throws UnreachablePointException when there is no snapshot so old, or a gap after
	 * it
	 */
	public LegacyPlan plan(@Nullable Instant time) {
		List<LegacyGeneration> usable = this.generations.stream().filter(this::isUsable).toList();
		Comparator<LegacyGeneration> order = (time == null) ? Comparator.comparing(LegacyGeneration::newest)
				: Comparator.comparing((generation) -> generation.snapshotAt(time).orElseThrow().lastModified());
		LegacyGeneration generation = usable.stream()
			.filter((each) -> each.snapshotAt(time).isPresent())
			.max(order)
			.orElseThrow(() -> unreachable(usable, time));
		LegacyFile snapshot = generation.snapshotAt(time).orElseThrow();
		return new LegacyPlan(snapshot, generation.segmentsAfter(snapshot, time));
	}

	private boolean isUsable(LegacyGeneration generation) {
		if (generation.snapshots().isEmpty()) {
			logger.warn(
					"The generation {} in {} is passed over: it has {} parts of WALs up to {}, but no snapshot that they could be applied to",
					generation.name(), this.url, generation.segments().size(), generation.newest());
			return false;
		}
		return true;
	}

	private UnreachablePointException unreachable(List<LegacyGeneration> usable, @Nullable Instant time) {
		if (usable.isEmpty()) {
			return new UnreachablePointException(
					"The replica %s has WALs of Litestream 0.3 in %d generations, but not one snapshot: no state can be restored from it. To begin without it, move its folder '%s' away."
						.formatted(this.url, this.generations.size(), LegacyFile.FOLDER));
		}
		LegacyFile first = usable.stream()
			.flatMap((generation) -> generation.snapshots().stream())
			.min(Comparator.comparing(LegacyFile::lastModified))
			.orElseThrow();
		return new UnreachablePointException(
				"The replica %s has no state as old as %s: the first that it can give is that of %s, the time of %s"
					.formatted(this.url, time, first.lastModified(), first));
	}

}
