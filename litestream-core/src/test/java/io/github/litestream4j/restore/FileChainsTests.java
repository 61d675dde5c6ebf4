package io.github.litestream4j.restore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link FileChains} against the plainest model: try every file on every state until
 * nothing changes (F39).
 */
class FileChainsTests {

	private static final int NEWEST = 14;

	@Property(tries = 5000)
	void f39FindsTheCheapestChainWheneverThereIsOne(@ForAll("files") List<StoredFile> files) {
		FileChains chains = new FileChains(files);
		Map<Long, Long> model = model(files);
		for (long txid = 1; txid <= NEWEST; txid++) {
			var plan = chains.to(new Txid(txid));
			assertThat(plan.isPresent()).isEqualTo(model.containsKey(txid));
			if (plan.isPresent()) {
				assertThat(plan.get().txid()).isEqualTo(new Txid(txid));
				assertIsChain(plan.get().files());
				assertThat(cost(plan.get().files())).isEqualTo(model.get(txid));
			}
		}
	}

	@Property(tries = 1000)
	void f39DependsOnTheSetOfFilesOnly(@ForAll("files") List<StoredFile> files, @ForAll long seed) {
		List<StoredFile> shuffled = new ArrayList<>(files);
		Collections.shuffle(shuffled, new Random(seed));
		for (long txid = 1; txid <= NEWEST; txid++) {
			assertThat(new FileChains(shuffled).to(new Txid(txid))).isEqualTo(new FileChains(files).to(new Txid(txid)));
		}
	}

	@Property(tries = 1000)
	void knowsTheNeighboursOfEveryState(@ForAll("files") List<StoredFile> files) {
		FileChains chains = new FileChains(files);
		Map<Long, Long> model = model(files);
		for (long txid = 1; txid <= NEWEST; txid++) {
			long target = txid;
			assertThat(chains.lastBefore(new Txid(txid)).map((file) -> file.key().name().max().value()))
				.isEqualTo(model.keySet().stream().filter((end) -> end > 0 && end < target).max(Long::compare));
			assertThat(chains.firstFrom(new Txid(txid)).map((file) -> file.key().name().max().value()))
				.isEqualTo(model.keySet().stream().filter((end) -> end >= target).min(Long::compare));
		}
	}

	@Provide
	Arbitrary<List<StoredFile>> files() {
		Arbitrary<StoredFile> file = Combinators
			.combine(Arbitraries.integers().between(0, 9), Arbitraries.integers().between(1, NEWEST),
					Arbitraries.integers().between(0, 6), Arbitraries.of(0, 200, 1000, 100_000, 1_000_000))
			.as((level, min, length, size) -> {
				int first = (level == 9) ? 1 : min;
				int last = (level == 9) ? min : Math.min(NEWEST, min + length);
				return ListedStorage.file(level, first, last, size);
			});
		return file.list().ofMaxSize(25).uniqueElements(StoredFile::key);
	}

	private static Map<Long, Long> model(List<StoredFile> files) {
		// Where a snapshot ends, nothing else gives the state
		List<Long> snapshots = files.stream()
			.filter((file) -> file.key().level() == 9)
			.map((file) -> file.key().name().max().value())
			.toList();
		Map<Long, Long> costs = new HashMap<>();
		costs.put(0L, 0L);
		boolean changed = true;
		while (changed) {
			changed = false;
			for (StoredFile file : files) {
				long min = file.key().name().min().value();
				long max = file.key().name().max().value();
				for (long from : List.copyOf(costs.keySet())) {
					long cost = costs.get(from) + cost(List.of(file));
					boolean allowed = file.key().level() == 9 || !snapshots.contains(max);
					if (allowed && from >= min - 1 && from < max && costs.getOrDefault(max, Long.MAX_VALUE) > cost
							&& (from == 0 || min > 1)) {
						costs.put(max, cost);
						changed = true;
					}
				}
			}
		}
		costs.remove(0L);
		return costs;
	}

	private static long cost(List<StoredFile> files) {
		return files.stream().mapToLong((file) -> file.size() + 256 * 1024).sum();
	}

	private static void assertIsChain(List<StoredFile> files) {
		assertThat(files.get(0).key().name().isSnapshot()).isTrue();
		for (int i = 1; i < files.size(); i++) {
			LtxFileName name = files.get(i).key().name();
			Txid reached = files.get(i - 1).key().name().max();
			assertThat(name.min()).isLessThanOrEqualTo(reached.next());
			assertThat(name.max()).isGreaterThan(reached);
		}
	}

}
