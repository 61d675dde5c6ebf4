package io.github.litestream4j.torture;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.jspecify.annotations.Nullable;

/**
 * Draws what happens to each request. Safe for use by any thread.
 */
final class Faults {

	private final List<FaultKind> kinds;

	private final double probability;

	private final Random random;

	private final Map<FaultKind, Integer> injected = new EnumMap<>(FaultKind.class);

	private boolean calm;

	Faults(List<FaultKind> kinds, double probability, long seed) {
		this.kinds = List.copyOf(kinds);
		this.probability = probability;
		this.random = new Random(seed);
	}

	static Faults none() {
		return new Faults(List.of(), 0, 0);
	}

	/** Nothing happens from now on. */
	synchronized void calm() {
		this.calm = true;
	}

	synchronized @Nullable FaultKind draw(boolean listing) {
		if (this.calm || this.kinds.isEmpty() || this.random.nextDouble() >= this.probability) {
			return null;
		}
		FaultKind kind = this.kinds.get(this.random.nextInt(this.kinds.size()));
		boolean ofListings = kind == FaultKind.STALE_LISTING || kind == FaultKind.LISTING_ERROR;
		return (ofListings && !listing) ? null : kind;
	}

	synchronized int upTo(int most) {
		return this.random.nextInt(Math.max(1, most));
	}

	synchronized void injected(FaultKind kind) {
		this.injected.merge(kind, 1, Integer::sum);
	}

	synchronized Map<FaultKind, Integer> injected() {
		return Map.copyOf(this.injected);
	}

}
