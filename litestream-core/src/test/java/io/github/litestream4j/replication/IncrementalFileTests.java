package io.github.litestream4j.replication;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalBuilder;
import io.github.litestream4j.wal.WalFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A file holds every page that its commits wrote, and every page that the database grew
 * by.
 */
class IncrementalFileTests {

	private static final Txid TXID = new Txid(7);

	@TempDir
	Path folder;

	@Test
	void f08HoldsPagesThatTheDatabaseGrewByAndThatNobodyWrote() throws Exception {
		WalBuilder wal = new WalBuilder(true, 512, 1, 2).frame(1, 0, 1).frame(6, 0, 2).frame(4, 9, 3);
		SortedMap<Long, ByteBuffer> pages = write(wal, 3);
		assertThat(pages).containsOnlyKeys(1L, 4L, 5L, 6L, 7L, 8L, 9L);
		assertThat(pages.get(6L)).isEqualTo(wal.pages(0, 3).get(6L));
		assertThat(pages.get(5L)).isEqualTo(ByteBuffer.allocate(512));
		assertThat(pages.get(9L)).isEqualTo(ByteBuffer.allocate(512));
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })
	void holdsWhatWasWrittenAndTheGrowthWhateverTheyAre(long seed) throws Exception {
		Random random = new Random(seed);
		WalBuilder wal = new WalBuilder(false, 512, 3, 4);
		int frames = 1 + random.nextInt(20);
		long commit = 1 + random.nextInt(40);
		for (int i = 1; i <= frames; i++) {
			wal.frame(1 + random.nextInt(40), (i == frames) ? commit : 0, random.nextLong());
		}
		long former = random.nextInt(40);
		SortedMap<Long, ByteBuffer> expected = new TreeMap<>();
		for (long number = former + 1; number <= commit; number++) {
			expected.put(number, ByteBuffer.allocate(512));
		}
		expected.putAll(wal.pages(0, frames));
		assertThat(write(wal, former)).isEqualTo(expected);
	}

	@Test
	void f11NeverHoldsTheLockPage() throws Exception {
		long lock = LtxHeader.lockPage(65536);
		WalBuilder wal = new WalBuilder(true, 65536, 1, 2).frame(lock - 1, 0, 1).frame(lock + 2, lock + 3, 2);
		assertThat(write(wal, lock - 2)).containsOnlyKeys(lock - 1, lock + 1, lock + 2, lock + 3);
		WalBuilder shorter = new WalBuilder(true, 65536, 1, 2).frame(lock - 1, lock, 1);
		assertThat(write(shorter, lock - 2)).containsOnlyKeys(lock - 1);
	}

	@Test
	void f08ATransactionThatGrowsAndFreesLeavesNoGap() throws Exception {
		Path path = this.folder.resolve("app.db");
		String url = "jdbc:sqlite:" + path;
		try (LiveDatabase database = LiveDatabase
			.open(new DatabaseSettings(path, url, Map.of(), Duration.ofSeconds(5)));
				Connection connection = DriverManager.getConnection(url);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
			long former = database.index().commit();
			var from = database.index().end();
			statement.execute("BEGIN");
			statement.execute("INSERT INTO t(v) VALUES (zeroblob(200000))");
			statement.execute("DELETE FROM t");
			statement.execute("COMMIT");
			try (WalFile wal = database.openWal()) {
				WalBatch batch = wal.read(wal.header(), from, database.index().endOffset(), 1 << 20, null);
				assertThat(batch.commit()).isGreaterThan(former + 40);
				SortedMap<Long, ByteBuffer> pages = read(
						write(new IncrementalFile(batch, former, database, scratch())));
				for (long number = former + 1; number <= batch.commit(); number++) {
					assertThat(pages).containsKey(number);
				}
			}
		}
	}

	private SortedMap<Long, ByteBuffer> write(WalBuilder wal, long formerCommit) throws Exception {
		Path path = this.folder.resolve("grown.db");
		int pageSize = (int) ((wal.frames().get(0).end().offset() - 32) - 24);
		try (LiveDatabase database = LiveDatabase.open(new DatabaseSettings(path, "jdbc:sqlite:" + path,
				Map.of("page_size", String.valueOf(pageSize)), Duration.ofSeconds(5)));
				WalFile file = new WalFile(wal.writeTo(Files.createTempFile(this.folder, "built", "-wal")))) {
			assertThat(database.pageSize()).isEqualTo(pageSize);
			WalBatch batch = file.read(file.header(), file.header().start(), wal.position().offset(), 1 << 20, null);
			byte[] bytes = write(new IncrementalFile(batch, formerCommit, database, scratch()));
			try (LtxReader reader = new LtxReader(new ByteArrayInputStream(bytes), "test")) {
				LtxHeader header = reader.header();
				assertThat(header.min()).isEqualTo(TXID);
				assertThat(header.max()).isEqualTo(TXID);
				assertThat(header.commit()).isEqualTo(batch.commit());
				assertThat(header.walOffset()).isEqualTo(32);
				assertThat(header.walSize()).isEqualTo(wal.position().offset() - 32);
				assertThat(header.walSalt1()).isEqualTo(wal.position().salt1());
			}
			return read(bytes);
		}
	}

	private ScratchFolder scratch() {
		return new ScratchFolder(this.folder.resolve("scratch"));
	}

	private static byte[] write(IncrementalFile file) throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		file.write(out, TXID, Instant.EPOCH, new PageSums());
		return out.toByteArray();
	}

	private static SortedMap<Long, ByteBuffer> read(byte[] file) throws Exception {
		SortedMap<Long, ByteBuffer> pages = new TreeMap<>();
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "test")) {
			byte[] page = new byte[reader.header().pageSize()];
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				pages.put(number, ByteBuffer.wrap(page.clone()));
			}
		}
		return pages;
	}

}
