package io.github.litestream4j.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A drill keeps within the disk and within its rate, and tells what it found from what it
 * could not find out.
 */
class RestoreDrillSpaceTests {

	private static final int PAGE = 4096;

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private long pages;

	@BeforeEach
	void store() throws Exception {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		Path file = this.folder.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size=" + PAGE);
			statement.execute("CREATE TABLE t AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
					+ "WHERE i < 100) SELECT i, randomblob(3000) AS v FROM n");
		}
		byte[] bytes = Files.readAllBytes(file);
		this.pages = bytes.length / PAGE;
		LtxFileName name = new LtxFileName(Txid.FIRST, new Txid(7));
		LtxHeader header = LtxHeader.of(PAGE, this.pages, name.min(), name.max(), Instant.EPOCH);
		this.storage.put(new LtxKey(LtxKey.SNAPSHOT_LEVEL, name), Instant.EPOCH, (out) -> {
			try (LtxWriter writer = new LtxWriter(out, header)) {
				for (int page = 0; page < this.pages; page++) {
					writer.writePage(page + 1L, Arrays.copyOfRange(bytes, page * PAGE, (page + 1) * PAGE), 0);
				}
				writer.finish(0);
			}
		});
	}

	@Test
	void failsWithoutARestoreWhereThereIsNoRoom() throws Exception {
		long needed = (long) (this.pages * PAGE * 1.2);
		DrillResult result = drill(RestoreDrill.UNLIMITED, needed - 1).run(null);
		assertThat(result.passed()).isFalse();
		assertThat(result.pages()).isZero();
		assertThat(result.txid()).isEqualTo(new Txid(7));
		assertThat(result.failure()).contains("needs " + needed + " bytes")
			.contains((needed - 1) + " are free")
			.contains("litestream.staging-directory")
			.doesNotContain("damaged");
		assertThat(this.folder.resolve("staging/drill")).doesNotExist();
		DrillResult passed = drill(RestoreDrill.UNLIMITED, needed).run(null);
		assertThat(passed.failure()).isNull();
		assertThat(passed.pages()).isEqualTo(this.pages);
	}

	@Test
	void keepsWithinItsRate() throws Exception {
		DrillResult fast = drill(RestoreDrill.UNLIMITED, Long.MAX_VALUE).run(null);
		long rate = fast.bytes();
		DrillResult slow = drill(rate, Long.MAX_VALUE).run(null);
		assertThat(slow.failure()).isNull();
		assertThat(slow.bytes()).isGreaterThanOrEqualTo(rate);
		assertThat(slow.took().toMillis()).isGreaterThan(slow.bytes() * 1000 / rate - 150);
		assertThat(fast.took()).isLessThan(slow.took());
	}

	@Test
	void hasNoResultWhereTheStorageIsAway() throws Exception {
		this.storage.failAlways(Operation.LIST);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> drill(RestoreDrill.UNLIMITED, Long.MAX_VALUE).run(null));
		assertThat(this.folder.resolve("staging/drill")).doesNotExist();
	}

	@Test
	void f41ReadsOnWhereAConnectionBrokeAsARestoreDoes() throws Exception {
		this.storage.cutReads(1000, 50_000);
		DrillResult result = drill(RestoreDrill.UNLIMITED, Long.MAX_VALUE).run(null);
		assertThat(result.failure()).isNull();
		assertThat(result.bytes()).as("of a restore, and of the reading of each file").isLessThan(3 * 400_000);
	}

	@Test
	void hasNoResultWhereConnectionsBreakWithoutAByte() throws Exception {
		drill(RestoreDrill.UNLIMITED, Long.MAX_VALUE).run(null);
		StoredFiles files = new StoredFiles(this.storage, ReplicaIndex.of(List.of()));
		this.storage.cutReads(1000, 0);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> files.problems(files.list()))
			.withMessageContaining("5 times in a row");
	}

	@Test
	void failsOnAnEmptyReplicaAndOnAStateThatIsNotThere() throws Exception {
		RestoreDrill empty = new RestoreDrill(new FileReplicaStorage(this.folder.resolve("none")),
				this.folder.resolve("staging"), RestoreDrill.GENTLE);
		assertThat(empty.run(null).failure()).contains("holds no file");
		DrillResult beyond = drill(RestoreDrill.UNLIMITED, Long.MAX_VALUE)
			.run(new LiveState(new Txid(8), 1L << 63, this.pages));
		assertThat(beyond.failure()).contains(new Txid(8).toString()).contains("cannot give");
		assertThat(beyond.txid()).isEqualTo(new Txid(8));
	}

	private RestoreDrill drill(long rate, long space) {
		return new RestoreDrill(this.storage, this.folder.resolve("staging"), rate, List::of,
				ReplicaIndex.of(List.of()), true, Clock.systemUTC(), (folder) -> space);
	}

}
