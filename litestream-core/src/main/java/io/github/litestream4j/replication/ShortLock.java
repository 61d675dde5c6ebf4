package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.wal.WalIndexHeader;

/**
 * Locks writers out only when next to nothing is left to be done while they wait: what
 * they wrote is captured, and copied back where that is wanted, round after round before,
 * and writers that are faster than this are slowed down meanwhile. Where that does not
 * help, or a reader forbids that it is copied back, they are not locked out at all. Not
 * safe for use by several threads.
 */
final class ShortLock {

	/** How much may be left when the lock is asked for, in bytes of the WAL. */
	private static final long LITTLE = 256 << 10;

	/** How much may be left when it is there: writers went on until then. */
	private static final long MOST = 1 << 20;

	private static final int ROUNDS = 10;

	/**
	 * After how many rounds in a row a reader is in the way: a writer that finds no read
	 * mark free takes an older one, but for a single transaction.
	 */
	private static final int HELD = 3;

	/** From which round on writers are slowed down. */
	private static final int PACED = 2;

	/** How long a commit waits then: it is paid by each, so that none pays more. */
	private static final Duration SLICE = Duration.ofMillis(1);

	/** How long to try before it is looked again how much is left. */
	private static final Duration ATTEMPT = Duration.ofMillis(25);

	private final LiveDatabase database;

	private final Capture capture;

	private final Staging staging;

	private final WriterPace pace;

	/** How often in a row not all could be copied back. */
	private int held;

	ShortLock(LiveDatabase database, Capture capture, Staging staging, WriterPace pace) {
		this.database = database;
		this.capture = capture;
		this.staging = staging;
		this.pace = pace;
	}

	/**
	 * Lock the writers out, to be released with {@link LiveDatabase#unlockWriters}.
	 * @param copyBack whether the frames are to be copied back too, up to the guard,
	 * which is renewed for that
	 * @param wait how long to try
	 * @return {@code false} when too much was left each time, or somebody wrote all that
	 * time: nobody is locked out
	 */
	boolean take(boolean copyBack, Duration wait) throws IOException {
		long deadline = System.nanoTime() + wait.toNanos();
		try {
			for (int round = 0; round < ROUNDS || System.nanoTime() < deadline; round++) {
				if (Thread.currentThread().isInterrupted()) {
					return false;
				}
				if (round == PACED) {
					this.pace.slow(SLICE);
				}
				if (prepare(copyBack) && this.database.lockWriters(ATTEMPT) && isStillLittle(copyBack)) {
					return true;
				}
				if (this.held == HELD) {
					return false;
				}
			}
			return false;
		}
		finally {
			this.pace.free();
		}
	}

	/**
	 * Do without the lock what can be done without.
	 * @return whether little is left
	 */
	private boolean prepare(boolean copyBack) throws IOException {
		this.capture.captureAll(null);
		if (copyBack) {
			this.held = copyBack() ? 0 : this.held + 1;
		}
		if (!isLittle(copyBack, MOST)) {
			return false;
		}
		// So that nothing but the very last frames is to be synced under the lock
		this.staging.force();
		this.capture.captureAll(null);
		return isLittle(copyBack, LITTLE);
	}

	/**
	 * Copy back what is captured.
	 * @return whether that was done, but for a little: only readers can be in the way
	 */
	private boolean copyBack() throws IOException {
		WalIndexHeader index = this.database.index();
		long captured = index.frames() - this.capture.position().uncaptured(index) / index.pageSize();
		this.capture.renewGuard();
		return (captured - this.database.checkpoint().copied()) * index.pageSize() <= MOST;
	}

	/**
	 * Look again, under the lock, which is released unless little is left.
	 */
	private boolean isStillLittle(boolean copyBack) throws IOException {
		boolean little = false;
		try {
			little = isLittle(copyBack, MOST);
		}
		finally {
			if (!little) {
				this.database.unlockWriters();
			}
		}
		return little;
	}

	private boolean isLittle(boolean copyBack, long most) throws IOException {
		WalIndexHeader index = this.database.index();
		long frames = copyBack ? index.frames() - index.backfilled() : 0;
		return Math.max(this.capture.position().uncaptured(index), frames * index.pageSize()) <= most;
	}

}
