package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.history.HistoryKeeper;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one database: one captures, one stores, one keeps the history. Not safe
 * for use by several threads, but for {@link #areRunning()}.
 */
final class ReplicationThreads {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	/** How long the threads may take to end what they are at, all together. */
	private static final Duration GRACE = Duration.ofSeconds(5);

	private final String name;

	private final CaptureLoop loop;

	private final Uploader uploader;

	private final Snapshotter snapshotter;

	private final HistoryKeeper keeper;

	private final Progress progress;

	private final List<Thread> threads = new ArrayList<>();

	private @Nullable Thread keeping;

	private volatile boolean running;

	ReplicationThreads(String name, CaptureLoop loop, Uploader uploader, Snapshotter snapshotter, HistoryKeeper keeper,
			Progress progress) {
		this.keeper = keeper;
		this.name = name;
		this.loop = loop;
		this.uploader = uploader;
		this.snapshotter = snapshotter;
		this.progress = progress;
	}

	boolean areRunning() {
		return this.running;
	}

	/** Does nothing when they run. */
	void start() {
		if (this.running) {
			return;
		}
		this.running = true;
		this.progress.started();
		this.loop.reopen();
		this.uploader.reopen();
		this.keeper.reopen();
		start("litestream-" + this.name, this.loop);
		start("litestream-" + this.name + "-upload", this.uploader);
		this.keeping = start("litestream-" + this.name + "-history", this.keeper);
	}

	private Thread start(String threadName, Runnable work) {
		Thread thread = new Thread(work, threadName);
		thread.setDaemon(true);
		thread.setUncaughtExceptionHandler((dead, ex) -> {
			logger.error("{}: the thread {} has died, nothing is stored any more", this.name, threadName, ex);
			this.progress.fenced("the thread " + threadName + " has died: " + ex);
		});
		this.threads.add(thread);
		thread.start();
		return thread;
	}

	/** Wait until they ended what they are at, as long as that may take. */
	void stop() {
		this.loop.stop();
		this.uploader.stop();
		this.keeper.stop();
		Thread keeping = this.keeping;
		if (keeping != null) {
			// What it is at may take long, and is begun again by the next start
			keeping.interrupt();
		}
		// Whoever is in a hurry does not wait for a sync, but for the threads: what they
		// do later could undo what the next start does
		boolean interrupted = Thread.interrupted();
		try {
			join();
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		this.uploader.disown();
		this.progress.stopped();
		this.loop.refuse();
		this.threads.clear();
		this.running = false;
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** One grace for all of them: a storage that hangs must not be waited for thrice. */
	private void join() throws InterruptedException {
		long deadline = System.nanoTime() + GRACE.toNanos();
		if (!this.snapshotter.stop(GRACE)) {
			logger.warn("{}: the thread that stores the snapshot does not end", this.name);
		}
		for (Thread thread : this.threads) {
			thread.join(Math.max((deadline - System.nanoTime()) / 1_000_000, 1));
			if (thread.isAlive()) {
				logger.warn("{}: the thread {} does not end, it is left behind", this.name, thread.getName());
			}
		}
		// One that was begun by the last step of those
		this.snapshotter.stop(Duration.ofNanos(Math.max(deadline - System.nanoTime(), 1)));
	}

}
