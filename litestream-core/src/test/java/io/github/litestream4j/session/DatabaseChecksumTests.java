package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each stored file carries the checksum of the whole database, and restores compare it.
 */
class DatabaseChecksumTests extends AbstractFileReplicaTests {

	@Test
	void standsBesideEachFileAlsoAfterRestarts() throws Exception {
		for (int round = 0; round < 3; round++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				database.replicator().sync(TestDatabase.TIMEOUT);
				Awaitility.await()
					.until(() -> Files.exists(this.folder.resolve("replica/meta/checksums/9/"
							+ this.storage.list(LtxKey.SNAPSHOT_LEVEL).get(0).key().name())));
				Ledger ledger = new Ledger(connection, round);
				for (int i = 0; i < 30; i++) {
					ledger.commit();
					if (i % 5 == 0) {
						ledger.execute("DELETE FROM churn WHERE id % 3 = 0");
						ledger.execute("VACUUM");
					}
				}
			}
		}
		List<StoredFile> files = this.storage.list(0);
		assertThat(files).hasSizeGreaterThan(20).allSatisfy((file) -> {
			assertThat(this.storage.databaseChecksum(file)).isPresent();
		});
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(90);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void f24RefusesADatabaseThatTheWriterDidNotHave() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 20; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		List<StoredFile> files = this.storage.list(0);
		String last = files.get(files.size() - 1).key().name().toString();
		String before = files.get(files.size() - 2).key().name().toString();
		Path checksums = this.folder.resolve("replica/meta/checksums/0");
		Files.copy(checksums.resolve(before), checksums.resolve(last), StandardCopyOption.REPLACE_EXISTING);
		Path target = this.folder.resolve("restored");
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.restore(this.storage, target))
			.withMessageContaining(last)
			.withMessageContaining("checksum");
		assertThat(target).doesNotExist();
	}

}
