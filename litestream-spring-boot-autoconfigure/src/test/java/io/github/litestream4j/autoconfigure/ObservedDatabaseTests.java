package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ObservedDatabaseTests {

	private final ObservedDatabase observed = new ObservedDatabase();

	@Test
	void whatHappenedBeforeTheStartIsToldToEachListener() {
		happens(this.observed);
		Told first = new Told();
		this.observed.listen(first);
		assertThat(first.events).containsExactly("RESTORE PT2S", "captured 7", "began first-start", "failed UPLOAD",
				"2 x read true 0 30", "1 x list false 0 0");
		this.observed.request("read", true, 0, 5);
		assertThat(first.events).last().isEqualTo("1 x read true 0 5");
		Told second = new Told();
		this.observed.listen(second);
		assertThat(second.events).contains("RESTORE PT2S", "3 x read true 0 35");
	}

	@Test
	void nothingIsKeptAfterTheStart() {
		happens(this.observed);
		this.observed.started();
		happens(this.observed);
		Told late = new Told();
		this.observed.listen(late);
		assertThat(late.events).isEmpty();
		happens(this.observed);
		assertThat(late.events).hasSize(7);
	}

	@Test
	void whoIsOverIsForgotten() {
		Told over = new Told() {

			@Override
			public boolean isOver() {
				return true;
			}

		};
		this.observed.listen(over);
		this.observed.captured(1);
		this.observed.listen(new Told());
		this.observed.captured(2);
		assertThat(over.events).containsExactly("captured 1");
	}

	@Test
	void nobodyIsToldTwiceOrNever() throws Exception {
		AtomicLong requests = new AtomicLong();
		AtomicLong captured = new AtomicLong();
		CountDownLatch begun = new CountDownLatch(1);
		Thread working = new Thread(() -> {
			for (int i = 0; i < 100_000; i++) {
				this.observed.request("put", true, 1, 0);
				this.observed.captured(1);
				if (i == 1000) {
					begun.countDown();
				}
				if (i == 90_000) {
					this.observed.started();
				}
			}
		});
		working.start();
		begun.await();
		this.observed.listen(new Told() {

			@Override
			public void requests(String operation, boolean success, long count, long bytesSent, long bytesReceived) {
				requests.addAndGet(count);
			}

			@Override
			public void captured(long bytes) {
				captured.addAndGet(bytes);
			}

		});
		working.join();
		assertThat(requests).hasValue(100_000);
		assertThat(captured).hasValue(100_000);
	}

	private static void happens(ObservedDatabase observed) {
		observed.done(Activity.RESTORE, Duration.ofSeconds(2));
		observed.request("read", true, 0, 10);
		observed.captured(7);
		observed.generationBegan("first-start");
		observed.request("list", false, 0, 0);
		observed.request("read", true, 0, 20);
		observed.failed(ErrorStage.UPLOAD);
	}

	/**
	 * Keeps what it is told.
	 */
	private static class Told implements DatabaseObserver {

		final List<String> events = new ArrayList<>();

		@Override
		public void done(Activity activity, Duration took) {
			this.events.add(activity + " " + took);
		}

		@Override
		public void captured(long bytes) {
			this.events.add("captured " + bytes);
		}

		@Override
		public void generationBegan(String reason) {
			this.events.add("began " + reason);
		}

		@Override
		public void failed(ErrorStage stage) {
			this.events.add("failed " + stage);
		}

		@Override
		public void requests(String operation, boolean success, long count, long bytesSent, long bytesReceived) {
			this.events.add("%d x %s %s %d %d".formatted(count, operation, success, bytesSent, bytesReceived));
		}

	}

}
