package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;

import io.github.litestream4j.storage.ReplicaStorage;

/**
 * The parts that make snapshots which nobody wants, for tests of other parts.
 */
final class TestSnapshots {

	private TestSnapshots() {
	}

	static StormGuard guard(Progress progress, GenerationLog generations) {
		return new StormGuard("app", Duration.ZERO, progress, generations, Clock.systemUTC());
	}

	static OrderedSnapshots none(Capture capture, Snapshotter snapshotter, Progress progress, ReplicaStorage storage,
			GenerationLog generations) {
		SnapshotOrders orders = new SnapshotOrders("app", storage, progress, guard(progress, generations), () -> {
		});
		return new OrderedSnapshots(orders, capture, snapshotter, progress, Duration.ofSeconds(1));
	}

}
