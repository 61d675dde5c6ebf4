package io.github.litestream4j.torture;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * What happened in a run.
 */
final class Counts {

	private final long start = System.nanoTime();

	private final Map<Ending, Integer> endings = new EnumMap<>(Ending.class);

	private final Map<Away, Integer> aways = new EnumMap<>(Away.class);

	private final Map<String, Integer> faultRounds = new TreeMap<>();

	private final Map<String, Integer> others = new TreeMap<>();

	private int restores;

	private int faulty;

	void restored() {
		this.restores++;
	}

	void round(RoundPlan plan, Map<String, Integer> faults) {
		this.endings.merge(plan.ending(), 1, Integer::sum);
		this.aways.merge(plan.away(), 1, Integer::sum);
		faults.keySet().forEach((kind) -> this.faultRounds.merge(kind, 1, Integer::sum));
		this.faulty += faults.isEmpty() ? 0 : 1;
	}

	void add(String what, long count) {
		if (count > 0) {
			this.others.merge(what, (int) count, Integer::sum);
		}
	}

	int rounds() {
		return sum(this.endings);
	}

	int crashes() {
		return this.endings.entrySet()
			.stream()
			.filter((one) -> one.getKey().isKill())
			.mapToInt(Map.Entry::getValue)
			.sum();
	}

	private static int sum(Map<?, Integer> counts) {
		return counts.values().stream().mapToInt(Integer::intValue).sum();
	}

	/** One line. */
	@Override
	public String toString() {
		return "%d rounds, %d crashes, %d rounds with storage faults, %d restores, %s, %s".formatted(rounds(),
				crashes(), this.faulty, this.restores, this.others, elapsed());
	}

	private String elapsed() {
		Duration elapsed = Duration.ofNanos(System.nanoTime() - this.start);
		return "%d:%02d min".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
	}

	String table(long seed) {
		StringJoiner table = new StringJoiner("\n", "\n", "\n");
		table.add("seed                        " + seed);
		table.add("time                        " + elapsed());
		table.add("rounds                      " + rounds());
		this.endings.forEach((ending, count) -> table.add("  %-25s %d".formatted("end " + ending, count)));
		table.add("crashes (kill -9)           " + crashes());
		table.add("rounds with storage faults  " + this.faulty);
		this.faultRounds.forEach((kind, count) -> table.add("  %-25s %d".formatted(kind, count)));
		table.add("while away");
		this.aways.forEach((away, count) -> table.add("  %-25s %d".formatted(away, count)));
		table.add("restores, each checked      " + this.restores);
		this.others.forEach((what, count) -> table.add("%-27s %d".formatted(what, count)));
		return table.toString();
	}

}
