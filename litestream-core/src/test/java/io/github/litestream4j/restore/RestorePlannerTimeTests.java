package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A time means the newest transaction that the replica names for it, or, where retention
 * has merged that one, the state before the merged file, or an error: never anything
 * else.
 */
class RestorePlannerTimeTests {

	@Property(tries = 5000)
	void f36ATimeIsNeverSilentlyAnOlderState(@ForAll("files") List<StoredFile> files,
			@ForAll @IntRange(min = 0, max = 15) int seconds) {
		ListedStorage storage = new ListedStorage();
		for (StoredFile file : files) {
			storage.add(file, Instant.ofEpochSecond(file.key().name().max().value()));
		}
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
					|| isInHole(files, named.orElseThrow(), seconds))
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
			assertThat(isInHole(files, named.orElseThrow(), seconds)).isFalse();
		}
	}

	private static boolean isAfterTheLast(List<StoredFile> files, int seconds) {
		return files.stream().allMatch((file) -> file.key().name().max().value() < seconds - 1);
	}

	/**
	 * The transaction after the newest one is in no file, and a later one in a file of
	 * its own.
	 */
	private static boolean isInHole(List<StoredFile> files, Txid newest, int seconds) {
		if (newest.value() == seconds) {
			return false;
		}
		long next = newest.value() + 1;
		while (next < 20 && !isIn(files, next)) {
			next++;
		}
		long first = next;
		boolean begunAnew = files.stream()
			.filter((file) -> file.key().level() == 9)
			.anyMatch((file) -> file.key().name().max().isAfter(newest) && file.key().name().max().value() < first);
		return next < 20 && next > newest.value() + 1 && !begunAnew;
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
