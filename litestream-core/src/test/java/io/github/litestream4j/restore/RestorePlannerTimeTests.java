package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A time means the newest transaction that the replica names for it, or, where retention
 * has merged that one, the state before the merged file, or an error: never anything
 * else.
 */
class RestorePlannerTimeTests {

	@Property(tries = 5000)
	void f36ATimeIsNeverSilentlyAnOlderState(@ForAll("files") List<StoredFile> files,
			@ForAll @IntRange(min = 0, max = 15) int seconds,
			@ForAll @Size(max = 8) Set<@IntRange(min = 1, max = 14) Integer> records) {
		ListedStorage storage = storage(files, records);
		storage.shuffle(seconds);
		Instant time = Instant.ofEpochSecond(seconds);
		Optional<Txid> named = files.stream()
			.filter((file) -> !storage.timeOf(file).isAfter(time))
			.map((file) -> file.key().name().max())
			.max(Comparator.naturalOrder());
		FileChains chains = new FileChains(files);
		Optional<Txid> planned;
		try {
			planned = new RestorePlanner(storage).plan(null, time).map(RestorePlan::txid);
		}
		catch (UnreachablePointException ex) {
			assertThat(named.flatMap(chains::to).isEmpty() || isAfterTheLast(files, seconds)
					|| isInHole(files, named.orElseThrow(), seconds, records))
				.as(ex.getMessage())
				.isTrue();
			return;
		}
		if (!files.isEmpty()) {
			assertThat(isAfterTheLast(files, seconds)).isFalse();
		}
		assertThat(planned.isPresent()).isEqualTo(!files.isEmpty());
		if (planned.isPresent() && !planned.equals(named)) {
			assertThat(named.flatMap(chains::to)).isEmpty();
			Txid next = planned.get().next();
			assertThat(files).anyMatch((file) -> file.key().name().min().equals(next)
					&& file.key().name().contains(named.orElseThrow()) && storage.timeOf(file).isAfter(time));
		}
		else if (planned.isPresent()) {
			assertThat(isInHole(files, named.orElseThrow(), seconds, records)).isFalse();
		}
	}

	/**
	 * A writer that was away has left one file where its key was free again, whose time
	 * is anything.
	 */
	@Property(tries = 5000)
	void aStrayFileMakesNoTimeAnOlderState(@ForAll("files") List<StoredFile> files,
			@ForAll @IntRange(min = 0, max = 15) int seconds,
			@ForAll @Size(max = 8) Set<@IntRange(min = 1, max = 14) Integer> records,
			@ForAll @IntRange(min = 1, max = 14) int stray, @ForAll @IntRange(min = 0, max = 30) int strayTime) {
		Optional<Txid> sound = planned(storage(files, records), seconds);
		StoredFile file = ListedStorage.file(0, stray, stray, 100);
		Assume.that(sound.isPresent() && files.stream().noneMatch((other) -> other.key().equals(file.key())));
		Assume.that(files.stream().anyMatch((other) -> other.key().name().max().value() > stray));
		Optional<Txid> found = planned(storage(files, records).add(file, Instant.ofEpochSecond(strayTime)), seconds);
		// It may fill a hole: then a newer state can be restored
		assertThat(found.orElse(sound.get())).isGreaterThanOrEqualTo(sound.get());
		if (strayTime > seconds && !sound.get().equals(new Txid(stray))) {
			assertThat(found).isNotEqualTo(Optional.of(new Txid(stray)));
		}
	}

	/** Empty where it is an error. */
	private static Optional<Txid> planned(ListedStorage storage, int seconds) {
		try {
			return new RestorePlanner(storage).plan(null, Instant.ofEpochSecond(seconds)).map(RestorePlan::txid);
		}
		catch (UnreachablePointException ex) {
			return Optional.empty();
		}
	}

	private static ListedStorage storage(List<StoredFile> files, Set<Integer> records) {
		ListedStorage storage = new ListedStorage();
		files.forEach((file) -> storage.add(file, Instant.ofEpochSecond(file.key().name().max().value())));
		records.forEach(storage::begin);
		return storage;
	}

	private static boolean isAfterTheLast(List<StoredFile> files, int seconds) {
		return files.stream().allMatch((file) -> file.key().name().max().value() < seconds - 1);
	}

	/**
	 * The transaction after the newest one is in no file, and a later one in a file of
	 * its own, or in a snapshot that begins no history.
	 */
	private static boolean isInHole(List<StoredFile> files, Txid newest, int seconds, Set<Integer> records) {
		if (newest.value() == seconds) {
			return false;
		}
		long first = newest.value() + 1;
		while (first < 20 && !isIn(files, first)) {
			first++;
		}
		if (first == newest.value() + 1) {
			return false;
		}
		long next = first;
		OptionalLong snapshot = files.stream()
			.filter((file) -> file.key().level() == 9)
			.mapToLong((file) -> file.key().name().max().value())
			.filter((end) -> end > newest.value() && end < next)
			.min();
		if (snapshot.isEmpty()) {
			return next < 20;
		}
		return snapshot.getAsLong() > newest.value() + 1 && !records.contains((int) snapshot.getAsLong());
	}

	private static boolean isIn(List<StoredFile> files, long txid) {
		return files.stream().anyMatch((file) -> file.key().level() != 9 && file.key().name().contains(new Txid(txid)));
	}

	@Provide
	Arbitrary<List<StoredFile>> files() {
		Arbitrary<StoredFile> file = Combinators
			.combine(Arbitraries.integers().between(0, 3), Arbitraries.integers().between(1, 14),
					Arbitraries.integers().between(0, 6))
			.as((level, min, length) -> switch (level) {
				case 0 -> ListedStorage.file(0, min, min, 100);
				case 3 -> ListedStorage.file(9, 1, min, 100);
				default -> ListedStorage.file(level, min, Math.min(14, min + length), 100);
			});
		return file.list().ofMaxSize(25).uniqueElements(StoredFile::key);
	}

}
