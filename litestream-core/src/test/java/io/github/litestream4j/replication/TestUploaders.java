package io.github.litestream4j.replication;

import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Uploaders to a replica that was listed just now.
 */
final class TestUploaders {

	private TestUploaders() {
	}

	static Uploader of(ReplicaStorage storage, Staging staging, Progress progress, GenerationLog generations) {
		return of(storage, staging, progress, generations, () -> {
		}, new Backoff());
	}

	static Uploader of(ReplicaStorage storage, Staging staging, Progress progress, GenerationLog generations,
			Runnable whenIdle, Backoff backoff) {
		LogEnd end = new LogEnd(storage, progress.index(), LogEnd.Time.SYSTEM, LogEnd.Time.SYSTEM.now());
		return new Uploader("app", storage, staging, progress, generations, end, whenIdle, backoff);
	}

}
