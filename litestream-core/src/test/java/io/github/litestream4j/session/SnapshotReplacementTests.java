package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.SnapshotResult;
import io.github.litestream4j.storage.ChecksumText;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Who asks for a snapshot of an idle database whose newest one is damaged has a sound one
 * afterwards.
 */
class SnapshotReplacementTests extends AbstractFileReplicaTests {

	@ParameterizedTest
	@ValueSource(strings = { "flipped", "cut", "gone", "checksum" })
	void oneThatIsDamagedIsReplaced(String damage) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(connection);
			Replicator replicator = database.replicator();
			SnapshotResult taken = replicator.snapshot(TestDatabase.TIMEOUT);
			LtxKey key = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, taken.txid()));
			Path file = replica().resolve("ltx/9").resolve(key.name().toString());
			byte[] right = Files.readAllBytes(file);
			switch (damage) {
				case "flipped" -> {
					byte[] flipped = right.clone();
					flipped[right.length / 2] ^= 1;
					Files.write(file, flipped);
				}
				case "cut" -> Files.write(file, Arrays.copyOf(right, right.length - 1));
				case "gone" -> Files.delete(file);
				default -> Files.writeString(replica().resolve("meta/" + ChecksumText.metaName(key)), "no checksum");
			}
			this.storage.failNext(Operation.PUT, 1);
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> replicator.snapshot(TestDatabase.TIMEOUT));
			SnapshotResult again = replicator.snapshot(TestDatabase.TIMEOUT);
			assertThat(again.existed()).isFalse();
			assertThat(again.txid()).isEqualTo(taken.txid());
			assertThat(Ledger.verify(restoredAlone(taken.txid()))).isEqualTo(5);
			assertThat(replicator.snapshot(TestDatabase.TIMEOUT).existed()).isTrue();
			assertThat(replicator.verify(TestDatabase.TIMEOUT).failure()).isNull();
			assertThat(replicator.status().errors().count(ErrorStage.SNAPSHOT)).isPositive();
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
	}

	@Test
	void oneThatCannotBeReadInTimeIsNotReplaced() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(connection);
			Replicator replicator = database.replicator();
			replicator.snapshot(TestDatabase.TIMEOUT);
			int before = this.storage.calls(Operation.PUT);
			this.storage.failAlways(Operation.READ);
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> replicator.snapshot(TestDatabase.TIMEOUT));
			assertThat(this.storage.calls(Operation.PUT)).isEqualTo(before);
			this.storage.heal();
			assertThat(replicator.snapshot(TestDatabase.TIMEOUT).existed()).isTrue();
		}
	}

	private static void commit(Connection connection) throws SQLException {
		Ledger ledger = new Ledger(connection, 9);
		for (int i = 0; i < 5; i++) {
			ledger.commit();
		}
	}

}
