package io.github.litestream4j.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever a chore does, the thread that does the chores goes on: when it dies, nothing
 * is stored any more at all. And there is never more than one that does them.
 */
class HistoryKeeperTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final Queue<String> failures = new ConcurrentLinkedQueue<>();

	private final AtomicInteger runs = new AtomicInteger();

	private final List<Thread> threads = new ArrayList<>();

	private volatile HistoryKeeper keeper;

	@AfterEach
	void stop() throws Exception {
		this.keeper.stop();
		for (Thread thread : this.threads) {
			thread.join(TIMEOUT.toMillis());
			assertThat(thread.isAlive()).isFalse();
		}
	}

	@Test
	void anErrorOfAChoreIsAFailureOfItAndNoMore() {
		AtomicBoolean first = new AtomicBoolean(true);
		keep(chore("breaks", () -> (this.runs.get() < 2) ? Instant.MIN : Instant.MAX, () -> {
			this.runs.incrementAndGet();
			if (first.getAndSet(false)) {
				throw new StackOverflowError("on demand");
			}
		}));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.runs.get() == 2);
		assertThat(this.failures).containsExactly("breaks: on demand");
	}

	@Test
	void aChoreThatCannotTellWhenItIsDueHoldsUpNoOther() {
		AtomicBoolean first = new AtomicBoolean(true);
		AtomicBoolean other = new AtomicBoolean();
		keep(chore("undue", () -> {
			if (first.getAndSet(false)) {
				throw new ArithmeticException("long overflow");
			}
			return (this.runs.get() < 1) ? Instant.MIN : Instant.MAX;
		}, this.runs::incrementAndGet),
				chore("other", () -> other.get() ? Instant.MAX : Instant.MIN, () -> other.set(true)));
		Awaitility.await().atMost(TIMEOUT).until(() -> other.get() && this.runs.get() == 1);
		assertThat(this.failures).containsExactly("undue: long overflow");
	}

	@Test
	void aChoreThatComesToBeDueWhileItIsAskedIsDone() {
		AtomicInteger asked = new AtomicInteger();
		keep(chore("sudden", () -> {
			if (this.runs.get() > 0) {
				return Instant.MAX;
			}
			return (asked.incrementAndGet() < 3) ? Instant.now().plusMillis(50) : Instant.MIN;
		}, this.runs::incrementAndGet));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.runs.get() == 1);
		assertThat(this.threads).allMatch(Thread::isAlive);
	}

	@Test
	void oneThatWasLeftBehindEndsItsChoreBeforeItsSuccessorBegins() {
		CountDownLatch hanging = new CountDownLatch(1);
		AtomicInteger present = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		keep(chore("hangs", () -> (this.runs.get() < 3) ? Instant.MIN : Instant.MAX, () -> {
			most.accumulateAndGet(present.incrementAndGet(), Math::max);
			if (this.runs.incrementAndGet() == 1) {
				awaitUninterruptibly(hanging);
			}
			present.decrementAndGet();
		}));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.runs.get() == 1);
		Thread leftBehind = this.threads.get(0);
		this.keeper.stop();
		leftBehind.interrupt();
		this.keeper.reopen();
		Thread successor = start();
		Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> successor.getState() == Thread.State.WAITING
					|| successor.getState() == Thread.State.TIMED_WAITING);
		hanging.countDown();
		Awaitility.await().atMost(TIMEOUT).until(() -> !leftBehind.isAlive() && this.runs.get() == 3);
		assertThat(most).as("chores at once").hasValue(1);
		assertThat(successor.isAlive()).isTrue();
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean interrupted = false;
		while (latch.getCount() > 0) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private void keep(Chore... chores) {
		this.keeper = new HistoryKeeper("app", List.of(chores), new KeeperObserver() {

			@Override
			public void failed(String chore, String message) {
				HistoryKeeperTests.this.failures.add(chore + ": " + message);
			}

			@Override
			public void done(String chore, long nanos) {
				assertThat(nanos).isNotNegative();
			}

			@Override
			public boolean mayWork() {
				return true;
			}

		}, Clock.systemUTC());
		start();
	}

	private Thread start() {
		Thread thread = new Thread(this.keeper);
		this.threads.add(thread);
		thread.start();
		return thread;
	}

	private static Chore chore(String name, Supplier<Instant> due, Runnable work) {
		return new Chore() {

			@Override
			public String name() {
				return name;
			}

			@Override
			public Instant due() {
				return due.get();
			}

			@Override
			public void run() {
				work.run();
			}

		};
	}

}
