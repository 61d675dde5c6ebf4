package io.github.litestream4j.testsupport.trial;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * Restores from slow storage, one after the other, while files are merged and deleted.
 * Begins with {@link #start}.
 */
final class RestoresMeanwhile implements AutoCloseable {

	/** One range after the other, so that it takes long. */
	private static final int PARALLELISM = 1;

	private final TrialPlace place;

	private final Marks marks;

	private final Duration window;

	/** How often files were deleted. */
	private final AtomicInteger passes;

	private final ReplicaStorage slow;

	private final Restores restores;

	private final Random random = new Random();

	private final Thread thread = new Thread(this::run, "restores-meanwhile");

	private volatile boolean stopped;

	private volatile @Nullable Throwable failure;

	private int count;

	private int spanning;

	private Duration longest = Duration.ZERO;

	RestoresMeanwhile(TrialPlace place, TrialSettings settings, Marks marks, AtomicInteger passes) {
		this.place = place;
		this.marks = marks;
		this.window = settings.history().snapshotRetention();
		this.passes = passes;
		this.restores = new Restores(place, "meanwhile.db");
		this.slow = new ObservedStorage(place.storage(), (operation, success, sent, received) -> {
			if (operation.equals("read")) {
				LockSupport.parkNanos(settings.readPause().toNanos());
			}
		});
	}

	void start() {
		this.thread.start();
	}

	private void run() {
		try {
			while (!this.stopped) {
				int before = this.passes.get();
				long begin = System.nanoTime();
				if (this.count % 2 == 0) {
					latest();
				}
				else {
					old();
				}
				Duration took = Duration.ofNanos(System.nanoTime() - begin);
				this.longest = (took.compareTo(this.longest) > 0) ? took : this.longest;
				this.count++;
				this.spanning += (this.passes.get() > before) ? 1 : 0;
			}
		}
		catch (Throwable ex) {
			this.failure = ex;
		}
	}

	private void latest() {
		Txid least = this.marks.last().orElseThrow().txid();
		Restores.Restored restored = this.restores.latest(this.slow, PARALLELISM);
		if (restored.txid().isBefore(least)) {
			throw new AssertionError("The latest state was " + restored.txid() + ", though " + least + " was stored");
		}
		this.marks.require(restored.txid(), restored.number());
	}

	/** One that is merged, and not about to leave the window. */
	private void old() {
		Instant youngEnough = Instant.now().minus(this.window.dividedBy(2));
		List<Txid> txids = KeptStates.of(this.place.storage(), 1).since(youngEnough);
		if (txids.isEmpty()) {
			latest();
			return;
		}
		Txid txid = txids.get(this.random.nextInt(txids.size()));
		Restores.Restored restored = this.restores.to(this.slow, txid, PARALLELISM);
		this.marks.require(txid, restored.number());
	}

	/**
	 * Fail if a restore did.
	 */
	void requireSound() {
		Throwable failed = this.failure;
		if (failed != null) {
			throw new AssertionError("a restore failed while files were merged and deleted: " + failed.getMessage(),
					failed);
		}
	}

	/** How many restores a retention pass came in between of. */
	int spanning() {
		return this.spanning;
	}

	/** End with the restore that is under way. */
	void end() {
		this.stopped = true;
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("interrupted", ex);
		}
	}

	@Override
	public void close() {
		end();
	}

	@Override
	public String toString() {
		return "%d restores meanwhile, %d of them across a retention pass, the longest %d ms".formatted(this.count,
				this.spanning, this.longest.toMillis());
	}

}
