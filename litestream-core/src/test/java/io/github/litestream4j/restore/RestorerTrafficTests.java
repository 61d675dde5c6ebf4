package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a restore reads is the database, not its history. With {@code -Dtraffic.pages} a
 * larger one.
 */
class RestorerTrafficTests {

	private static final int PAGE_SIZE = 4096;

	private static final int PAGES = Integer.getInteger("traffic.pages", 1000);

	@TempDir
	private Path folder;

	/** Pages anywhere, which is the worst: each one that is needed lies alone. */
	@ParameterizedTest
	@CsvSource({ "10", "100" })
	void aHistoryFiveTimesItsDatabaseCostsOneFifthMoreAtMost(int pagesInAFile) throws IOException {
		RandomHistory history = new RandomHistory(this.folder.resolve("replica"), PAGE_SIZE, PAGES, new Random(3));
		long database = history.replica().storage().list(9).get(0).size();
		for (int stored = 0; stored < 5 * PAGES;) {
			stored += history.change(pagesInAFile);
		}
		long level0 = history.replica().storage().list(0).stream().mapToLong(StoredFile::size).sum();
		AtomicLong bytes = new AtomicLong();
		AtomicLong requests = new AtomicLong();
		ReplicaStorage storage = new ObservedStorage(history.replica().storage(),
				(operation, success, sent, received) -> {
					bytes.addAndGet(received);
					requests.addAndGet(operation.equals("read") ? 1 : 0);
				});
		Path target = this.folder.resolve("app.db");
		Duration took = new Restorer(storage).restore(RestoreRequest.latest(target).with(IntegrityCheck.NONE))
			.orElseThrow()
			.took();
		assertThat(target).hasBinaryContent(history.state(history.last()));
		long read = bytes.get();
		long asked = requests.get();
		Duration whole = readWhole(storage, Files.createDirectory(this.folder.resolve("whole")).resolve("app.db"));
		System.out.printf(
				"database %d bytes compressed, level 0 %d in %d files: read %d bytes (%.2f times the database) in %d requests, "
						+ "%d ms; whole files %d ms%n",
				database, level0, history.last() - 1, read, (double) read / database, asked, took.toMillis(),
				whole.toMillis());
		assertThat(level0).isGreaterThan((long) (4.9 * database));
		assertThat(read).isLessThan((long) (1.2 * database));
	}

	/** As restores without a checksum do. */
	private Duration readWhole(ReplicaStorage storage, Path target) throws IOException {
		RestorePlan plan = new RestorePlanner(storage).plan(null, null).orElseThrow();
		RestoreProgress progress = new RestoreProgress("whole", plan.bytes(), (status) -> {
		});
		try (TemporaryDatabase database = TemporaryDatabase.create(target)) {
			new PlanReader(new PlannedDatabase(storage, plan, database.channel(), progress), progress, new LongAdder())
				.read(storage, FetchSettings.DEFAULT, RestoreRequest.DEFAULT_PARALLELISM);
			database.sync();
		}
		return progress.took();
	}

}
