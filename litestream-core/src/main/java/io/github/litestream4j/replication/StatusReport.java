package io.github.litestream4j.replication;

import java.time.Duration;

import io.github.litestream4j.replication.ReplicationStatus.State;

import org.jspecify.annotations.Nullable;

/**
 * Puts together where a database stands, from what its threads have noted. Costs nothing,
 * and waits for nobody.
 *
 * @param settings what is replicated
 * @param replica the replica's URL
 * @param progress how far it is captured and stored
 * @param loop what is not captured
 * @param uploader what is not stored
 * @param generations the history that is being written
 */
record StatusReport(ReplicatorSettings settings, String replica, Progress progress, CaptureLoop loop, Uploader uploader,
		GenerationLog generations) {

	ReplicationStatus status(boolean running) {
		String failure = this.progress.failure();
		State state = running ? State.RUNNING : State.STOPPED;
		if (this.progress.isFenced()) {
			state = State.FENCED;
		}
		else if (running && failure != null) {
			state = State.FAILING;
		}
		return new ReplicationStatus(this.settings.name(), this.settings.database(), this.replica, state,
				this.progress.captured(), this.progress.replicated(), lag(), this.loop.walBytes(),
				this.uploader.bytes(), this.progress.lastSync(), failure, this.progress.errors(),
				this.generations.current());
	}

	private Duration lag() {
		Long uncaptured = this.loop.uncapturedSince();
		Long staged = this.uploader.oldest();
		Long missing = this.progress.missingSince();
		long now = System.nanoTime();
		return Duration.ofNanos(Math.max(age(uncaptured, now), Math.max(age(staged, now), age(missing, now))));
	}

	private static long age(@Nullable Long since, long now) {
		return (since != null) ? now - since : 0;
	}

}
