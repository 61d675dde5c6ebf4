package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications are stopped by impatient threads, too.
 */
class InterruptedCloseTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void losesNothingAndGoesOnAtTheNextStart(boolean reachable) throws Exception {
		FileReplicaStorage stored = new FileReplicaStorage(this.folder.resolve("replica"));
		FaultyStorage storage = new FaultyStorage(stored);
		ReplicatorSettings settings = TestDatabase.settings(this.folder.resolve("app.db"));
		TestDatabase first = TestDatabase.open(settings, storage);
		try (Connection connection = first.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			first.replicator().sync(TestDatabase.TIMEOUT);
			if (!reachable) {
				storage.failAlways(Operation.PUT_IF_ABSENT);
			}
			for (int i = 0; i < 40; i++) {
				ledger.commit();
			}
		}
		Thread.currentThread().interrupt();
		try {
			first.session().close(Duration.ofSeconds(10));
		}
		catch (LitestreamException ex) {
			assertThat(ex).hasMessageContaining("app");
		}
		finally {
			assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
		}
		storage.heal();
		try (TestDatabase second = TestDatabase.open(settings, storage); Connection connection = second.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			assertThat(ledger.last()).isEqualTo(41);
			ledger.commit();
			second.replicator().sync(TestDatabase.TIMEOUT);
		}
		Path target = Files.createDirectory(this.folder.resolve("restored")).resolve("app.db");
		TestDatabase.restore(stored, target);
		assertThat(Ledger.verify(target)).isEqualTo(42);
		assertThat(stored.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

}
