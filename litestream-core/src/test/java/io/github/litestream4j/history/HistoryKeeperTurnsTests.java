package io.github.litestream4j.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who takes long holds up no other database, and no clock does either.
 */
class HistoryKeeperTurnsTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final List<HistoryKeeper> keepers = new ArrayList<>();

	private final List<Thread> threads = new ArrayList<>();

	private final CountDownLatch end = new CountDownLatch(1);

	@AfterEach
	void stop() throws Exception {
		this.keepers.forEach(HistoryKeeper::stop);
		this.end.countDown();
		for (Thread thread : this.threads) {
			thread.join(TIMEOUT.toMillis());
			assertThat(thread.isAlive()).isFalse();
		}
	}

	@Test
	void choresThatTakeLongHoldUpNoOtherDatabase() {
		int turns = Math.max(2, Runtime.getRuntime().availableProcessors());
		AtomicInteger present = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger others = new AtomicInteger();
		for (int i = 0; i <= turns; i++) {
			Once drill = new Once("drill", true, () -> {
				most.accumulateAndGet(present.incrementAndGet(), Math::max);
				this.end.await();
			});
			keep(Clock.systemUTC(), drill, new Once("other", false, others::incrementAndGet));
		}
		keep(Clock.systemUTC(), new Once("other", false, others::incrementAndGet));
		// Those that got a turn are busy, and all others go on
		Awaitility.await().atMost(TIMEOUT).until(() -> others.get() == turns);
		assertThat(most).as("that take long, at once").hasValue(2);
	}

	@Test
	void aClockThatIsPutBackHoldsUpNoChoreThatFailed() {
		TestClock clock = new TestClock();
		AtomicInteger runs = new AtomicInteger();
		HistoryKeeper keeper = keep(clock, new Once("fails", false, () -> {
			if (runs.incrementAndGet() == 1) {
				throw new IllegalStateException("once");
			}
		}));
		Awaitility.await().atMost(TIMEOUT).until(() -> this.threads.get(0).getState() == Thread.State.TIMED_WAITING);
		assertThat(runs).hasValue(1);
		clock.forward(Duration.ofDays(-1));
		keeper.wake();
		Awaitility.await().atMost(TIMEOUT).until(() -> {
			clock.forward(Duration.ofMinutes(1));
			keeper.wake();
			return runs.get() == 2;
		});
		assertThat(clock.instant()).as("long before it is that late again")
			.isBefore(new TestClock().instant().minus(Duration.ofHours(12)));
	}

	private HistoryKeeper keep(Clock clock, Chore... chores) {
		HistoryKeeper keeper = new HistoryKeeper("app", List.of(chores), new KeeperObserver() {

			@Override
			public void failed(String chore, String message) {
				assertThat(message).isNotEmpty();
			}

			@Override
			public void done(String chore, long nanos) {
				assertThat(nanos).isNotNegative();
			}

			@Override
			public boolean mayWork() {
				return true;
			}

		}, clock);
		this.keepers.add(keeper);
		Thread thread = new Thread(keeper);
		this.threads.add(thread);
		thread.start();
		return keeper;
	}

	/**
	 * What a chore does.
	 */
	@FunctionalInterface
	private interface Work {

		void run() throws InterruptedException;

	}

	/**
	 * A chore that is due until it has succeeded.
	 */
	private static final class Once implements Chore {

		private final String name;

		private final boolean takesLong;

		private final Work work;

		private final AtomicBoolean done = new AtomicBoolean();

		Once(String name, boolean takesLong, Work work) {
			this.name = name;
			this.takesLong = takesLong;
			this.work = work;
		}

		@Override
		public String name() {
			return this.name;
		}

		@Override
		public boolean isLong() {
			return this.takesLong;
		}

		@Override
		public Instant due() {
			return this.done.get() ? Instant.MAX : Instant.MIN;
		}

		@Override
		public void run() throws InterruptedException {
			this.work.run();
			this.done.set(true);
		}

	}

}
