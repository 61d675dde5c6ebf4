package io.github.litestream4j.session;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database that nobody writes costs nothing, though all that is due at times is due
 * every few seconds: once it is done, nothing is left to do.
 */
class IdleTests {

	private static final HistorySettings SHORT = new HistorySettings(
			List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)), Duration.ofSeconds(2),
			Duration.ofSeconds(3), Duration.ofSeconds(6), true, false, Duration.ZERO);

	private static final Duration IDLE = Duration.ofSeconds(10);

	@TempDir
	Path folder;

	private final Map<String, Integer> requests = new TreeMap<>();

	@Test
	void f54AsksNothingOfItsReplica() throws Exception {
		try (TestDatabase database = open()) {
			Txid txid = write(database);
			Awaitility.await("nothing asked").atMost(Duration.ofMinutes(1)).until(() -> {
				Map<String, Integer> before = requests();
				// Longer than any of the intervals
				Awaitility.await().pollDelay(IDLE).atMost(IDLE.plusSeconds(5)).until(() -> true);
				return requests().equals(before);
			});
			assertThat(requests()).as("what was done before").containsKeys("list", "put", "delete");
			assertThat(database.replicator().status().txid()).isEqualTo(txid);
		}
	}

	@Test
	void f55NoThreadWakesMoreThanOnceASecond() throws Exception {
		try (TestDatabase database = open()) {
			write(database);
			Awaitility.await("few wake-ups").atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
				Map<String, Long> before = waits();
				Awaitility.await().pollDelay(IDLE).atMost(IDLE.plusSeconds(5)).until(() -> true);
				Map<String, Long> after = waits();
				assertThat(after.keySet()).contains("litestream-app", "litestream-app-upload");
				after.forEach((thread, waits) -> assertThat(waits - before.getOrDefault(thread, 0L)).as(thread)
					.isLessThanOrEqualTo(IDLE.toSeconds() + 1));
			});
		}
	}

	private TestDatabase open() {
		ReplicaStorage counting = new ObservedStorage(storage(), (operation, success, sent, received) -> {
			synchronized (this.requests) {
				this.requests.merge(operation, 1, Integer::sum);
			}
		});
		return TestDatabase.open(TestDatabase.settings(this.folder.resolve("app.db")).with(SHORT), counting);
	}

	private FileReplicaStorage storage() {
		return new FileReplicaStorage(this.folder.resolve("replica"));
	}

	private static Txid write(TestDatabase database) throws Exception {
		try (Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 20; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		return database.replicator().sync(TestDatabase.TIMEOUT);
	}

	private Map<String, Integer> requests() {
		synchronized (this.requests) {
			return Map.copyOf(this.requests);
		}
	}

	/** How often each thread of ours has waited for something. */
	private static Map<String, Long> waits() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		Map<String, Long> waits = new HashMap<>();
		for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
			if (thread != null && thread.getThreadName().startsWith("litestream-app")) {
				waits.put(thread.getThreadName(), thread.getWaitedCount());
			}
		}
		return waits;
	}

}
