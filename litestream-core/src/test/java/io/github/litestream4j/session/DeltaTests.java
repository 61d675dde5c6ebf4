package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the WAL does not go on from where it was left, only the pages that differ are
 * stored, and the replica goes on for every reader.
 */
class DeltaTests extends AbstractFileReplicaTests {

	@BeforeEach
	void prepare() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.execute("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
					+ "WHERE i < 2000) SELECT i, randomblob(900) AS data FROM n");
			ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
	}

	@Test
	void storesThePagesThatAnotherProcessChanged() throws Exception {
		Sqlite3.run(this.settings.database(),
				"INSERT INTO ledger VALUES (2, 3); PRAGMA wal_checkpoint(TRUNCATE); UPDATE big SET i = -1 WHERE i = 7");
		Txid before = last();
		goOn(3);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		StoredFile delta = this.storage.list(0)
			.stream()
			.filter((file) -> file.key().name().min().equals(before.next()))
			.findFirst()
			.orElseThrow();
		assertThat(delta.size()).isLessThan(20_000);
		assertRestoresAlike(3);
		// The state before is still there
		Path earlier = this.folder.resolve("earlier");
		new Restorer(this.storage).restore(RestoreRequest.latest(earlier).to(before));
		assertThat(Ledger.verify(earlier)).isEqualTo(1);
	}

	@Test
	void storesTheShrinkingAndGrowingOfAnotherProcess() throws Exception {
		Sqlite3.run(this.settings.database(), "DELETE FROM big WHERE i > 100; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
		goOn(2);
		Sqlite3.run(this.settings.database(),
				"CREATE TABLE more AS SELECT * FROM big; INSERT INTO more SELECT * FROM big; PRAGMA wal_checkpoint(TRUNCATE)");
		goOn(3);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertRestoresAlike(3);
	}

	@Test
	void storesNextToNothingWhenNothingChanged() throws Exception {
		for (int i = 0; i < 3; i++) {
			Sqlite3.run(this.settings.database(), "SELECT count(*) FROM ledger");
			goOn(2 + i);
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertRestoresAlike(4);
	}

	@Test
	void takesASnapshotWhenTheChecksumsAreDamaged() throws Exception {
		Path checksums = this.settings.stagingDirectory().resolve("checksums");
		byte[] bytes = Files.readAllBytes(checksums);
		bytes[100] ^= 1;
		Files.write(checksums, bytes);
		// The last change would mend it, where it was one of the damaged page
		Files.delete(this.settings.stagingDirectory().resolve("checksums-change"));
		Sqlite3.run(this.settings.database(), "INSERT INTO ledger VALUES (2, 3); PRAGMA wal_checkpoint(TRUNCATE)");
		goOn(3);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestoresAlike(3);
	}

	private void goOn(long expected) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, expected);
			assertThat(ledger.commit()).isEqualTo(expected);
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
	}

	private Txid last() {
		List<StoredFile> files = this.storage.list(0);
		return files.get(files.size() - 1).key().name().max();
	}

	private void assertRestoresAlike(long last) throws Exception {
		Path ours = restore();
		assertThat(Ledger.verify(ours)).isEqualTo(last);
		assertThat(Files.mismatch(ours, restoreWithLitestream())).isEqualTo(-1);
	}

}
