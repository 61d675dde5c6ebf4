package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a stranger's visit costs the replica, while we were away.
 */
class DeltaSizeTests extends AbstractFileReplicaTests {

	private static final int PAGE = 4096;

	@BeforeEach
	void prepare() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			// A row fills a page: half of it noise, half of it text
			ledger.execute("CREATE TABLE big (i INTEGER PRIMARY KEY, data BLOB, text TEXT)");
			ledger.execute("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
					+ "INSERT INTO big SELECT i, randomblob(1900), printf('%.*c', 1900, 'x') FROM n");
			ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
		// Whoever closes it last copies the WAL back
		Sqlite3.run(this.settings.database(), "SELECT count(*) FROM ledger");
		start();
		Sqlite3.run(this.settings.database(), "SELECT count(*) FROM ledger");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 10, 100 })
	void storesLessThanTwiceTheCompressedPages(int rows) throws Exception {
		Map<Long, byte[]> before = pages();
		Txid last = last();
		int generations = generations();
		Sqlite3.run(this.settings.database(),
				"UPDATE big SET data = randomblob(1900) WHERE i % " + (2000 / rows) + " = 1");
		Map<Long, byte[]> changed = new TreeMap<>(pages());
		changed.entrySet().removeIf((page) -> Arrays.equals(page.getValue(), before.get(page.getKey())));
		assertThat(changed).hasSizeBetween(rows, rows + 1);
		LZ4Compressor lz4 = LZ4Factory.safeInstance().fastCompressor();
		long compressed = changed.values().stream().mapToLong((page) -> lz4.compress(page).length).sum();
		start();
		StoredFile delta = this.storage.list(0)
			.stream()
			.filter((file) -> file.key().name().min().equals(last.next()))
			.findFirst()
			.orElseThrow();
		System.out.printf("%d pages, %d bytes compressed: %d bytes stored%n", changed.size(), compressed, delta.size());
		assertThat(delta.size()).isLessThan(2 * compressed);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertThat(generations()).isEqualTo(generations + 1);
		Path restored = restore();
		Sqlite3.run(this.settings.database(), "SELECT count(*) FROM ledger");
		assertThat(Files.mismatch(restored, this.settings.database())).isEqualTo(-1);
	}

	@Test
	void aVisitWithoutAChangeBeginsNoGeneration() throws Exception {
		int generations = generations();
		for (String sql : List.of("SELECT count(*) FROM big", "PRAGMA wal_checkpoint(TRUNCATE)",
				"PRAGMA integrity_check", "BEGIN IMMEDIATE; UPDATE big SET i = -i; ROLLBACK")) {
			Sqlite3.run(this.settings.database(), sql);
			start();
			assertThat(generations()).as(sql).isEqualTo(generations);
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	private void start() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
	}

	private int generations() throws Exception {
		Path folder = this.folder.resolve("replica/meta/generations");
		try (var files = Files.list(folder)) {
			return (int) files.count();
		}
	}

	private Map<Long, byte[]> pages() throws Exception {
		byte[] all = Files.readAllBytes(this.settings.database());
		Map<Long, byte[]> pages = new TreeMap<>();
		for (int at = 0; at < all.length; at += PAGE) {
			pages.put((long) at / PAGE + 1, Arrays.copyOfRange(all, at, at + PAGE));
		}
		return pages;
	}

	private Txid last() {
		List<StoredFile> files = this.storage.list(0);
		return files.get(files.size() - 1).key().name().max();
	}

}
