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
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * From commits to a replica, and back with ours and with the real Litestream.
 */
class RoundTripTests extends AbstractFileReplicaTests {

	@Test
	void restoresEveryCommit() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 500; i++) {
				ledger.commit();
			}
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().status().lagTransactions()).isZero();
			assertRestores(500);
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void f33RestoresEachTransactionWithBoth() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			for (int i = 0; i < 60; i++) {
				ledger.commit();
				if (i % 10 == 0) {
					database.replicator().sync(TestDatabase.TIMEOUT);
				}
			}
		}
		List<StoredFile> files = this.storage.list(0);
		for (int i = 2; i < files.size(); i += files.size() / 5) {
			Txid txid = files.get(i).key().name().max();
			Path ours = this.folder.resolve("ours-" + txid);
			Path theirs = this.folder.resolve("theirs-" + txid);
			new Restorer(this.storage).restore(RestoreRequest.latest(ours).to(txid));
			LitestreamBinary.current()
				.restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs, "-txid", txid.toString())
				.succeeded();
			assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
			Ledger.verify(ours);
		}
	}

	@Test
	void goesOnAfterARestartWithoutASnapshot() throws Exception {
		for (int round = 1; round <= 5; round++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, round);
				for (int i = 0; i < 70; i++) {
					ledger.commit();
				}
			}
			assertRestores(round * 70);
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		}
	}

	@Test
	void goesOnAfterARestoreWithoutASnapshot() throws Exception {
		for (int round = 1; round <= 3; round++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				assertThat(database.session().restored().isPresent()).isEqualTo(round > 1);
				Ledger ledger = new Ledger(connection, round);
				assertThat(ledger.last()).isEqualTo((round - 1) * 30L);
				for (int i = 0; i < 30; i++) {
					ledger.commit();
				}
			}
			assertRestores(round * 30);
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
			for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
				Files.deleteIfExists(this.folder.resolve(name));
			}
		}
	}

}
