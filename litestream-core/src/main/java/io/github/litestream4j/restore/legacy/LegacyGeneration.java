package io.github.litestream4j.restore.legacy;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.LegacyFile;

import org.jspecify.annotations.Nullable;

/**
 * What Litestream 0.3 wrote without a break: snapshots, and WALs one after the other.
 *
 * @param name 16 hex digits
 * @param snapshots ascending by index
 * @param segments the parts of the WALs, ascending by index and then by offset
 */
record LegacyGeneration(String name, List<LegacyFile> snapshots, List<LegacyFile> segments) {

	private static final Comparator<LegacyFile> BY_PLACE = Comparator.comparingLong(LegacyFile::index)
		.thenComparingLong(LegacyFile::offset);

	static LegacyGeneration of(String name, Collection<LegacyFile> files) {
		return new LegacyGeneration(name, sorted(files, LegacyFile.Kind.SNAPSHOT), sorted(files, LegacyFile.Kind.WAL));
	}

	private static List<LegacyFile> sorted(Collection<LegacyFile> files, LegacyFile.Kind kind) {
		return files.stream().filter((file) -> file.kind() == kind).sorted(BY_PLACE).toList();
	}

	/**
	 * The newest file's time.
	 */
	Instant newest() {
		return Stream.concat(this.snapshots.stream(), this.segments.stream())
			.map(LegacyFile::lastModified)
			.max(Comparator.naturalOrder())
			.orElseThrow();
	}

	/**
	 * The file that ends it, whatever the times say, which a copy may have lost.
	 */
	LegacyFile end() {
		// Of one index, the snapshot goes before the WAL
		return Stream.concat(this.snapshots.stream(), this.segments.stream())
			.max(Comparator.comparingLong(LegacyFile::index)
				.thenComparing(LegacyFile::kind)
				.thenComparing(LegacyFile::offset))
			.orElseThrow();
	}

	/**
	 * The snapshot to begin with.
	 * @param time the time whose state is wanted, {@code null} for the latest
	 * @return empty when there is none so old
	 */
	Optional<LegacyFile> snapshotAt(@Nullable Instant time) {
		return this.snapshots.stream()
			.filter((snapshot) -> time == null || !snapshot.lastModified().isAfter(time))
			.reduce((first, second) -> second);
	}

	/**
	 * What applies to a snapshot. A snapshot may hold commits of the WAL of its index,
	 * but no later ones than were stored when it was taken, since Litestream's own reader
	 * kept the others from being copied back: to apply that WAL from its start is right.
	 * @param snapshot where to begin
	 * @param time as above
	 * @return the parts of the WALs in order, up to the first one after the time
	 * @throws UnreachablePointException when a WAL is missing, or the start of one
	 */
	List<LegacyFile> segmentsAfter(LegacyFile snapshot, @Nullable Instant time) {
		List<LegacyFile> chain = this.segments.stream()
			.filter((segment) -> segment.index() >= snapshot.index())
			.takeWhile((segment) -> time == null || !segment.lastModified().isAfter(time))
			.toList();
		long index = snapshot.index() - 1;
		for (LegacyFile segment : chain) {
			if (segment.index() == index) {
				continue;
			}
			index++;
			if (segment.index() != index) {
				throw gap(snapshot, "the WAL %08x is missing".formatted(index), segment);
			}
			if (segment.offset() != 0) {
				throw gap(snapshot, "the WAL %08x lacks its first %d bytes".formatted(index, segment.offset()),
						segment);
			}
		}
		return chain;
	}

	private static UnreachablePointException gap(LegacyFile snapshot, String what, LegacyFile next) {
		return new UnreachablePointException(
				"There is a gap after %s: %s; the next file is %s. Restore to a time before the gap, or bring the missing files back."
					.formatted(snapshot, what, next));
	}

}
