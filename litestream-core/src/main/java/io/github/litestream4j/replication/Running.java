package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and ends the threads of one replicator. Of several who end them at the same time
 * each waits for a last sync of its own, and the last one of them ends them: whoever has
 * what it wants, or no time left, takes nothing from the others. Only a close does not
 * wait for others longer than its own time. Safe for use by any thread.
 */
final class Running {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	private final ReplicatorParts parts;

	/** How many wait for their last sync. */
	private int leaving;

	/** How often the threads have ended. */
	private int ends;

	/** What was to be stored before the last end, or null before the first one. */
	private @Nullable CompletableFuture<Txid> last;

	private boolean closed;

	Running(ReplicatorParts parts) {
		this.parts = parts;
	}

	/** Does nothing when they run. */
	synchronized void start() {
		if (this.closed) {
			throw new IllegalStateException("the replicator of " + this.parts.settings.name() + " is closed");
		}
		this.parts.orders.reopen();
		this.parts.threads.start();
	}

	/**
	 * Ask the threads for something: a stop that comes between would leave it to the next
	 * start.
	 * @param request asks
	 * @return what it has asked for
	 * @throws IllegalStateException when nothing runs
	 */
	synchronized <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> request) {
		require();
		return request.get();
	}

	void require() {
		if (!this.parts.threads.areRunning()) {
			throw new IllegalStateException("the replicator of " + this.parts.settings.name() + " is not started");
		}
	}

	synchronized boolean isClosed() {
		return this.closed;
	}

	/**
	 * Whether all was stored that the last end was to store.
	 */
	synchronized boolean wasStored() {
		return this.last != null && this.parts.waiting.isStored(this.last);
	}

	/**
	 * Store what is committed now, and end the threads.
	 * @param timeout how long to wait
	 * @return whether all was stored
	 */
	boolean stop(Duration timeout) {
		Leaver leaver;
		synchronized (this) {
			if (!this.parts.threads.areRunning()) {
				return wasStored();
			}
			leaver = leave(timeout, false);
		}
		return end(leaver);
	}

	/**
	 * Store what is committed now, also when nothing runs, and end the threads for ever.
	 * To be called once.
	 * @param timeout how long to wait
	 * @return whether all was stored
	 */
	boolean close(Duration timeout) {
		Leaver leaver;
		synchronized (this) {
			// In one go: a stop that comes between would leave it nothing to wait for
			start();
			leaver = leave(timeout, true);
		}
		return end(leaver);
	}

	private Leaver leave(Duration timeout, boolean forEver) {
		long deadline = System.nanoTime() + timeout.toNanos();
		CompletableFuture<Txid> request = this.parts.loop.request();
		this.last = request;
		this.leaving++;
		return new Leaver(request, timeout, deadline, this.ends, forEver);
	}

	private boolean end(Leaver leaver) {
		this.parts.waiting.awaitUntil(leaver.request(), leaver.deadline());
		synchronized (this) {
			this.leaving--;
			awaitOthers(leaver);
			if (leaver.forEver()) {
				// In one go with the end: whoever starts them now is too late
				this.closed = true;
				this.last = leaver.request();
			}
			if (isToEnd(leaver)) {
				endThreads(leaver.timeout());
			}
			// Also what was stored while they ended
			return this.parts.waiting.isStored(leaver.request());
		}
	}

	private void awaitOthers(Leaver leaver) {
		try {
			long left = leaver.deadline() - System.nanoTime();
			while (this.leaving > 0 && isConcernedBy(leaver) && left > 0) {
				wait(left / 1_000_000 + 1);
				left = leaver.deadline() - System.nanoTime();
			}
		}
		catch (InterruptedException ex) {
			// It is in a hurry
			Thread.currentThread().interrupt();
		}
	}

	/** A close ends what others have started meanwhile, too. */
	private boolean isConcernedBy(Leaver leaver) {
		return leaver.forEver() || this.ends == leaver.ends();
	}

	private boolean isToEnd(Leaver leaver) {
		return this.parts.threads.areRunning() && isConcernedBy(leaver) && (leaver.forEver() || this.leaving == 0);
	}

	private void endThreads(Duration timeout) {
		this.ends++;
		notifyAll();
		// First: what fails because it is interrupted has not failed
		this.parts.keeper.stop();
		this.parts.orders.close();
		this.parts.verification.stopped();
		this.parts.threads.stop();
		if (!wasStored()) {
			logger.warn("{}: stops, and keeps what is not stored in {} for the next start: {}",
					this.parts.settings.name(), this.parts.settings.stagingDirectory(),
					this.parts.waiting.lacking(timeout));
		}
	}

	/**
	 * Someone who ends the threads.
	 *
	 * @param request what is to be stored first
	 * @param timeout how long to wait for that
	 * @param deadline the end of that time, as {@link System#nanoTime}
	 * @param ends how often they had ended before
	 * @param forEver whether they end in any case, and never start again
	 */
	private record Leaver(CompletableFuture<Txid> request, Duration timeout, long deadline, int ends, boolean forEver) {

	}

}
