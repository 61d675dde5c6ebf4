package io.github.litestream4j.history;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

import io.github.litestream4j.ConflictException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the chores of one replica one after the other, each when it is due, and sleeps
 * until then. In the whole process only as many are done at once as there are processors,
 * two at least, and besides two of those that take long. One thread runs it, any may wake
 * or stop it.
 */
public final class HistoryKeeper implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(HistoryKeeper.class);

	/** Of all databases of the process. */
	private static final Semaphore TURNS = new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()), true);

	/**
	 * For chores that take long, of all databases. Who gets none does other chores first.
	 */
	private static final Semaphore LONG_TURNS = new Semaphore(2);

	/** When a chore that got no turn asks again. */
	private static final Duration NO_TURN = Duration.ofSeconds(5);

	private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

	private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

	/** The clock may be put forward while nobody wakes the keeper. */
	private static final Duration LONGEST_SLEEP = Duration.ofHours(1);

	private final String database;

	private final List<Task> tasks = new ArrayList<>();

	private final KeeperObserver observer;

	private final Clock clock;

	private boolean stopped;

	private boolean woken;

	/**
	 * The thread that counts. One that hung in the storage when it was stopped may come
	 * back after its successor began.
	 */
	private @Nullable Thread runner;

	/** Whether a chore is being done, perhaps by a thread that was left behind. */
	private boolean working;

	/**
	 * Create a keeper; nothing is done before it runs.
	 * @param database what messages call the database
	 * @param chores what is to be done, what matters most first
	 * @param observer is told how they go
	 * @param clock says when they are due
	 */
	public HistoryKeeper(String database, List<Chore> chores, KeeperObserver observer, Clock clock) {
		this.database = database;
		chores.forEach((chore) -> this.tasks.add(new Task(chore)));
		this.observer = observer;
		this.clock = clock;
	}

	/** Look again what is due. */
	public synchronized void wake() {
		this.woken = true;
		notifyAll();
	}

	/** Allow {@link #run} to be called again. */
	public synchronized void reopen() {
		this.stopped = false;
	}

	/** End {@link #run}; whoever needs it at once interrupts its thread, too. */
	public synchronized void stop() {
		this.stopped = true;
		notifyAll();
	}

	@Override
	public void run() {
		begin();
		while (isRunning()) {
			try {
				Task next = next();
				if (next != null) {
					perform(next);
				}
			}
			catch (InterruptedException ex) {
				// Only stop() ends this thread: a storage's client may interrupt a call
				// of
				// its own that takes too long
				logger.debug("{}: the keeper was interrupted", this.database, ex);
			}
		}
	}

	private synchronized void begin() {
		this.runner = Thread.currentThread();
		notifyAll();
	}

	private synchronized boolean isRunning() {
		return !this.stopped && this.runner == Thread.currentThread();
	}

	/** The next task that is due, to be performed; null after a sleep. */
	private synchronized @Nullable Task next() throws InterruptedException {
		if (!isRunning()) {
			return null;
		}
		if (this.working) {
			// One that was left behind by a stop ends its chore first
			wait();
			return null;
		}
		Task next = null;
		Instant due = Instant.MAX;
		if (this.observer.mayWork()) {
			// Each is asked once: the next answer may be another one
			for (Task task : this.tasks) {
				Instant one = task.due();
				if (next == null || one.isBefore(due)) {
					next = task;
					due = one;
				}
			}
		}
		else {
			ConflictException banned = new ConflictException(
					"nothing is done any more, for another writer has taken the replica over");
			this.tasks.forEach((task) -> task.chore.refuse(banned));
		}
		Instant now = this.clock.instant();
		if (next != null && !due.isAfter(now)) {
			this.working = true;
			return next;
		}
		long millis = LONGEST_SLEEP.toMillis();
		if (due.isBefore(now.plus(LONGEST_SLEEP))) {
			millis = Duration.between(now, due).toMillis() + 1;
		}
		if (!this.woken) {
			wait(millis);
		}
		this.woken = false;
		return null;
	}

	private void perform(Task task) throws InterruptedException {
		try {
			Semaphore turns = task.chore.isLong() ? LONG_TURNS : TURNS;
			if (turns == TURNS) {
				turns.acquire();
			}
			else if (!turns.tryAcquire()) {
				task.putOff(NO_TURN);
				return;
			}
			try {
				task.perform();
			}
			finally {
				turns.release();
			}
		}
		finally {
			performed();
		}
	}

	private synchronized void performed() {
		this.working = false;
		notifyAll();
	}

	/**
	 * A chore, and when it may be tried again.
	 */
	private final class Task {

		private final Chore chore;

		private Instant notBefore = Instant.MIN;

		private Duration pause = FIRST_PAUSE;

		private int failures;

		Task(Chore chore) {
			this.chore = chore;
		}

		/** What a chore cannot tell is a failure of it, and holds up no other. */
		Instant due() {
			try {
				Instant due = this.chore.due();
				// A clock that is put back must not put it off
				Instant latest = HistoryKeeper.this.clock.instant().plus(LONGEST_PAUSE);
				this.notBefore = this.notBefore.isAfter(latest) ? latest : this.notBefore;
				return due.isAfter(this.notBefore) ? due : this.notBefore;
			}
			catch (RuntimeException | Error ex) {
				if (!this.notBefore.isAfter(HistoryKeeper.this.clock.instant())) {
					failed(ex);
				}
				return this.notBefore;
			}
		}

		void putOff(Duration time) {
			this.notBefore = HistoryKeeper.this.clock.instant().plus(time);
		}

		void perform() throws InterruptedException {
			long start = System.nanoTime();
			try {
				this.chore.run();
				if (this.failures > 0) {
					logger.warn("{}: {} works again, after {} failures", HistoryKeeper.this.database, this.chore.name(),
							this.failures);
				}
				this.failures = 0;
				this.pause = FIRST_PAUSE;
				this.notBefore = Instant.MIN;
				HistoryKeeper.this.observer.done(this.chore.name(), System.nanoTime() - start);
			}
			catch (IOException | RuntimeException | Error ex) {
				// Whatever it is: were this thread to die, nothing would be stored any
				// more
				failed(ex);
			}
		}

		private void failed(Throwable ex) {
			putOff(this.pause);
			if (!isRunning()) {
				// It was told to end, and has not failed
				return;
			}
			if (this.failures % 10 == 0) {
				logger.warn("{}: {} fails, and is tried again", HistoryKeeper.this.database, this.chore.name(), ex);
			}
			this.failures++;
			this.pause = (this.pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0) ? LONGEST_PAUSE
					: this.pause.multipliedBy(2);
			HistoryKeeper.this.observer.failed(this.chore.name(),
					(ex.getMessage() != null) ? ex.getMessage() : ex.toString());
		}

	}

}
