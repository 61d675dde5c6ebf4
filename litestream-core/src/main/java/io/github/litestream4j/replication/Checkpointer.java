package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.wal.WalIndexHeader;

/**
 * Copies the WAL back into the database file so that the next writer restarts it, and
 * loses no frame by that. Not safe for use by several threads.
 */
final class Checkpointer {

	/**
	 * Least time between two attempts: a reader that is in the way goes in its own time.
	 */
	private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();

	private final LiveDatabase database;

	private final Capture capture;

	private final Staging staging;

	private final CheckpointSettings settings;

	private final Duration busyTimeout;

	private long lastComplete = System.nanoTime();

	private long lastAttempt = System.nanoTime() - RETRY_NANOS;

	Checkpointer(LiveDatabase database, Capture capture, Staging staging, CheckpointSettings settings,
			Duration busyTimeout) {
		this.database = database;
		this.capture = capture;
		this.staging = staging;
		this.settings = settings;
		this.busyTimeout = busyTimeout;
	}

	/**
	 * Whether it is time.
	 * @param index what is committed
	 * @return by the number of live frames, or by the time since the last one
	 */
	boolean isDue(WalIndexHeader index) {
		long now = System.nanoTime();
		boolean nothingToDo = index.frames() == 0
				|| (this.capture.position().sealed() && !this.capture.position().isBehind(index));
		if (nothingToDo || now - this.lastAttempt < RETRY_NANOS) {
			return false;
		}
		return index.frames() >= this.settings.minPages()
				|| now - this.lastComplete >= this.settings.interval().toNanos();
	}

	/**
	 * Checkpoint. Without any lock first, until little is left; then that little while
	 * writers wait, copy the last frames, hand the guard over, copy back, and hand the
	 * guard over once more. It stands on read lock 0 then, the next writer restarts the
	 * WAL, and nobody can copy the new run back behind our back.
	 * @return whether the WAL will be restarted; {@code false} when a reader or a writer
	 * was in the way, which harms nothing
	 */
	boolean run() throws IOException {
		this.lastAttempt = System.nanoTime();
		if (!this.capture.shortLock().take(true, this.busyTimeout)) {
			return false;
		}
		try {
			this.capture.captureAll(null);
			this.staging.force();
			this.capture.renewGuard();
			if (this.database.checkpoint().isComplete()) {
				this.capture.renewGuard();
			}
		}
		finally {
			this.database.unlockWriters();
		}
		boolean sealed = this.capture.position().sealed();
		if (sealed) {
			this.lastComplete = System.nanoTime();
		}
		return sealed;
	}

}
