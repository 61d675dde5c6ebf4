package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import io.github.litestream4j.history.RetentionPlan.Deletion;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a replica may let go of, over random histories (F51) and by example.
 */
class RetentionPlanTests {

	private static final HistorySettings SETTINGS = new HistorySettings(
			List.of(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60)), Duration.ofSeconds(10),
			Duration.ofSeconds(60), Duration.ofMinutes(2), true, false, Duration.ZERO);

	private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

	private final List<StoredFile> files = new ArrayList<>();

	private final Map<LtxKey, Instant> times = new HashMap<>();

	@Property(tries = 150)
	void f51EveryKeptPointStillRestores(@ForAll long seed) {
		Random random = new Random(seed);
		SimulatedReplica replica = new SimulatedReplica(random);
		for (int round = 0; round < 12; round++) {
			for (int i = 0; i < 8; i++) {
				act(replica, random);
			}
			pass(replica);
		}
	}

	private static void act(SimulatedReplica replica, Random random) {
		switch (random.nextInt(20)) {
			case 0, 1 -> replica.snapshot();
			case 2 -> replica.beginAnew();
			case 3 -> replica.step(Duration.ofSeconds(random.nextInt(100) - 30));
			case 4 -> replica.step(Duration.ofSeconds(random.nextInt(20)));
			case 5 -> {
				if (random.nextInt(4) == 0) {
					replica.lose();
				}
			}
			case 6 -> {
				if (random.nextInt(4) == 0) {
					replica.overlap();
				}
			}
			case 7, 8, 9, 10, 11, 12, 13 -> replica.merge();
			default -> replica.commits(random.nextInt(8));
		}
	}

	/** One pass, and what a restore would find if it were cut short. */
	private static void pass(SimulatedReplica replica) {
		List<StoredFile> before = List.copyOf(replica.files.values());
		RetentionPlan plan = RetentionPlan.of(before, replica.times, SETTINGS, replica.now);
		assertThat(plan.next()).isAfter(replica.now);
		assertThat(RetentionPlan.of(before, replica.times, SETTINGS, replica.now)).isEqualTo(plan);
		for (List<Deletion> step : plan.steps()) {
			Set<LtxKey> half = new HashSet<>();
			step.stream().filter((file) -> replica.random.nextBoolean()).forEach((file) -> half.add(file.key()));
			List<StoredFile> cut = new ArrayList<>(replica.files.values());
			cut.removeIf((file) -> half.contains(file.key()));
			gives(replica, before, cut, true);
			for (Deletion deletion : step) {
				replica.files.remove(deletion.key());
				if (replica.random.nextInt(8) == 0) {
					gives(replica, before, replica.files.values(), false);
				}
			}
			gives(replica, before, replica.files.values(), false);
		}
		List<StoredFile> after = List.copyOf(replica.files.values());
		assertThat(after).hasSameElementsAs(plan.keptOf(before));
		keepsStates(plan.oldest().value(), before, after);
		if (!replica.odd) {
			isBounded(replica, plan, after);
		}
		assertThat(RetentionPlan.of(after, replica.times, SETTINGS, replica.now).steps()).isEmpty();
	}

	/**
	 * Whether each time gives what it gave, or the state before a merged file that has
	 * it; one from before the window may be an error instead.
	 * @param mayFail whether a time whose files are just being deleted may be an error
	 */
	private static void gives(SimulatedReplica replica, List<StoredFile> before, Collection<StoredFile> after,
			boolean mayFail) {
		Set<Long> statesBefore = SimulatedReplica.states(before);
		Set<Long> statesAfter = SimulatedReplica.states(after);
		Instant from = replica.now.minus(SETTINGS.snapshotRetention());
		List<Instant> moments = new ArrayList<>(replica.moments());
		moments.add(from);
		for (Instant time : moments) {
			Optional<Long> expected = replica.at(before, statesBefore, time);
			Optional<Long> found = replica.at(after, statesAfter, time);
			if (found.isEmpty()) {
				assertThat(mayFail || time.isBefore(from) || expected.isEmpty()).as("%s gave %s", time, expected)
					.isTrue();
			}
			else if (!found.equals(expected)) {
				long named = expected.orElseGet(() -> replica.named(before, time));
				assertThat(after).as("%s gave %s of %s, and gives %s", time, expected, named, found)
					.anyMatch((file) -> StoredShape.isMerged(file) && SimulatedReplica.min(file) <= found.get() + 1
							&& SimulatedReplica.min(file) <= named && SimulatedReplica.max(file) >= named);
			}
		}
	}

	private static void keepsStates(long oldest, List<StoredFile> before, List<StoredFile> after) {
		Set<Long> expected = SimulatedReplica.states(before);
		Set<Long> found = SimulatedReplica.states(after);
		for (StoredFile file : after) {
			long end = SimulatedReplica.max(file);
			if (end >= oldest) {
				assertThat(found.contains(end)).as(file.toString()).isEqualTo(expected.contains(end));
			}
		}
		assertThat(found.stream().max(Long::compare)).isEqualTo(expected.stream().max(Long::compare));
		assertThat(after.stream().mapToLong(SimulatedReplica::max).max())
			.isEqualTo(before.stream().mapToLong(SimulatedReplica::max).max());
		assertThat(after.stream().filter((file) -> file.key().level() == 0).mapToLong(SimulatedReplica::max).max())
			.isEqualTo(
					before.stream().filter((file) -> file.key().level() == 0).mapToLong(SimulatedReplica::max).max());
	}

	private static void isBounded(SimulatedReplica replica, RetentionPlan plan, List<StoredFile> after) {
		Instant old = replica.now.minus(SETTINGS.level0Retention());
		long newest = after.stream()
			.filter((file) -> file.key().level() == 0)
			.mapToLong(SimulatedReplica::max)
			.max()
			.orElse(0);
		assertThat(after)
			.noneMatch((file) -> SimulatedReplica.max(file) < plan.oldest().value()
					&& (file.key().level() != 0 || SimulatedReplica.max(file) != newest))
			.noneMatch((file) -> file.key().level() == 0 && SimulatedReplica.max(file) != newest
					&& after.stream()
						.anyMatch((over) -> StoredShape.isMerged(over)
								&& SimulatedReplica.min(over) <= SimulatedReplica.min(file)
								&& SimulatedReplica.max(over) >= SimulatedReplica.max(file)
								&& after.stream()
									.filter((input) -> input == over || input.key().level() == 0
											&& SimulatedReplica.min(input) >= SimulatedReplica.min(over)
											&& SimulatedReplica.max(input) <= SimulatedReplica.max(over))
									.allMatch((input) -> !input.lastModified().isAfter(old))));
	}

	@Test
	void keepsTheNewestSnapshotFromBeforeTheWindowAndWhatFollowsIt() {
		add(9, 1, 1, 300);
		add(0, 2, 2, 290);
		add(9, 1, 5, 200);
		add(0, 5, 5, 200);
		add(0, 6, 6, 190);
		add(9, 1, 9, 100);
		add(0, 9, 9, 100);
		RetentionPlan plan = plan();
		assertThat(plan.oldest()).isEqualTo(new Txid(5));
		assertThat(plan.steps()).hasSize(2);
		assertThat(keys(plan)).containsExactly(key(9, 1, 1), key(0, 2, 2), key(0, 5, 5));
		assertThat(plan.steps().get(0).get(0).reason()).contains("0000000000000005").contains("PT2M10S");
		assertThat(plan.next()).isEqualTo(NOW.minusSeconds(100).plusSeconds(130));
	}

	@Test
	void f51AFileThatBeginsBeforeTheOldestSnapshotAndEndsAfterItStays() {
		add(9, 1, 1, 300);
		add(1, 2, 4, 250);
		add(1, 5, 9, 180);
		add(9, 1, 6, 200);
		add(0, 9, 9, 180);
		assertThat(keys(plan())).containsExactly(key(9, 1, 1), key(1, 2, 4));
	}

	@Test
	void nothingGoesWithoutASnapshot() {
		add(0, 1, 1, 900);
		add(1, 1, 5, 900);
		add(0, 5, 5, 900);
		add(0, 6, 6, 900);
		this.files.add(new StoredFile(key(9, 1, 6), 20, NOW.minusSeconds(900)));
		assertThat(plan().steps()).isEmpty();
		assertThat(plan().next()).isEqualTo(Instant.MAX);
	}

	@Test
	void aFileThatLitestreamBeganWithStaysAsLongAsItIsABase() {
		add(0, 1, 1, 60);
		add(0, 2, 2, 60);
		add(1, 1, 2, 60);
		add(9, 1, 3, 40);
		add(0, 3, 3, 40);
		assertThat(keys(plan())).as("its state is in the window, and nothing else gives it").isEmpty();
		this.files.clear();
		this.times.clear();
		add(0, 1, 1, 260);
		add(0, 2, 2, 260);
		add(1, 1, 2, 260);
		add(9, 1, 3, 240);
		add(0, 3, 3, 240);
		assertThat(keys(plan())).containsExactlyInAnyOrder(key(0, 1, 1), key(1, 1, 2), key(0, 2, 2));
	}

	@Test
	void mergedFilesOfLevel0GoTogetherNewestFirstWhenAllAreOldEnough() {
		add(9, 1, 1, 100);
		add(0, 2, 2, 40);
		add(0, 3, 3, 30);
		add(0, 4, 4, 9);
		add(1, 2, 4, 30);
		add(0, 5, 5, 5);
		assertThat(plan().steps()).isEmpty();
		assertThat(plan().next()).isEqualTo(NOW.plusSeconds(1));
		this.files.removeIf((file) -> file.key().equals(key(0, 4, 4)));
		add(0, 4, 4, 10);
		assertThat(keys(plan())).containsExactly(key(0, 4, 4), key(0, 3, 3), key(0, 2, 2));
	}

	@Test
	void theNewestFileOfLevel0StaysThoughItIsMerged() {
		add(9, 1, 1, 100);
		add(0, 2, 2, 40);
		add(0, 3, 3, 40);
		add(1, 2, 3, 40);
		assertThat(keys(plan())).containsExactly(key(0, 2, 2));
	}

	@Test
	void whatTheNewestFileOfLevel0StandsOnStaysWithIt() {
		add(9, 1, 1, 100);
		add(0, 2, 2, 40);
		add(0, 3, 3, 40);
		add(1, 2, 4, 40);
		assertThat(keys(plan())).isEmpty();
	}

	@Test
	void aMergedFileThatNoChainReachesReplacesNothing() {
		add(9, 1, 1, 100);
		add(0, 5, 5, 40);
		add(0, 6, 6, 40);
		add(1, 4, 6, 40);
		add(0, 7, 7, 40);
		assertThat(keys(plan())).as("their times would mean TXID 1").isEmpty();
		add(9, 1, 4, 50);
		assertThat(keys(plan())).containsExactly(key(0, 6, 6), key(0, 5, 5));
	}

	@Test
	void aFileTooSmallToBeOneReplacesNothing() {
		add(9, 1, 1, 100);
		add(0, 2, 2, 40);
		add(0, 3, 3, 40);
		this.files.add(new StoredFile(key(1, 2, 2), StoredShape.LEAST_SIZE - 1, NOW.minusSeconds(40)));
		assertThat(keys(plan())).isEmpty();
	}

	@Test
	void aSnapshotOfAClockThatWasAheadHoldsUpThoseAfterIt() {
		add(9, 1, 1, 400);
		add(9, 1, 2, -3600);
		add(9, 1, 3, 300);
		assertThat(keys(plan())).isEmpty();
	}

	private void add(int level, long min, long max, long secondsAgo) {
		LtxKey key = key(level, min, max);
		this.files.add(new StoredFile(key, 1000, NOW.minusSeconds(secondsAgo)));
		this.times.put(key, NOW.minusSeconds(secondsAgo));
	}

	private static LtxKey key(int level, long min, long max) {
		return new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
	}

	private RetentionPlan plan() {
		return RetentionPlan.of(this.files, this.times, SETTINGS, NOW);
	}

	private static List<LtxKey> keys(RetentionPlan plan) {
		return plan.steps().stream().flatMap(List::stream).map(Deletion::key).toList();
	}

}
