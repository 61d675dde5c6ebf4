package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Passes over a bucket, where ages are those of the objects and times are asked for.
 */
class RetentionS3Tests {

	private static final HistorySettings SETTINGS = new HistorySettings(List.of(Duration.ofSeconds(5)),
			Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(2), true, false, Duration.ZERO);

	@TempDir
	private Path folder;

	@Test
	void f51KeepsEveryPointOfTheWindowInABucket() throws Exception {
		S3Server server = S3Server.shared();
		try (S3Client client = server.client()) {
			S3ReplicaStorage bucket = new S3ReplicaStorage(client,
					server.createBucket("retention-" + UUID.randomUUID()), "app");
			GuardedStorage storage = new GuardedStorage(bucket);
			StoredHistory history = fill(storage);
			ReplicaIndex index = history.index();
			Retention retention = history.retention(index, SETTINGS, Optional::empty);
			assertThat(retention.due()).isBeforeOrEqualTo(history.clock.instant());
			assertThat(bucket.listMeta("checksums/1")).hasSize(1);
			retention.run();
			assertThat(storage.timeRequests).as("for the snapshots only").isEqualTo(3);
			assertThat(history.keys()).doesNotContainAnyElementsOf(storage.deletions);
			assertThat(index.all()).isEqualTo(history.files());
			assertThat(bucket.listMeta("checksums/1")).isEmpty();
			assertThat(bucket.listMeta("checksums/9")).isEmpty();
			assertThat(history.keys()).containsExactly(StoredHistory.key(0, 13, 13), StoredHistory.key(1, 5, 9),
					StoredHistory.key(1, 10, 12), StoredHistory.key(9, 1, 7), StoredHistory.key(9, 1, 10));
			assertThat(history.restoreTimeOf(8)).isEqualTo(7);
			for (long txid : List.of(7, 9, 10, 12, 13)) {
				assertThat(history.restoreTimeOf(txid)).isEqualTo(txid);
			}
			assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> history.restoreTimeOf(4));
			assertThat(ChainAudit.of(bucket).isSound()).isTrue();
		}
	}

	private StoredHistory fill(GuardedStorage storage) throws IOException {
		StoredHistory history = new StoredHistory(this.folder, storage);
		storage.putDatabaseChecksum(StoredHistory.key(9, 1, 1), -1);
		history.commits(3).merge(1, 2, 4).commits(3).snapshot().commits(2).merge(1, 5, 9);
		storage.putDatabaseChecksum(StoredHistory.key(1, 2, 4), -1);
		history.clock.step(SETTINGS.snapshotRetention().plus(SETTINGS.level0Retention()));
		history.commits(1).snapshot().commits(2).merge(1, 10, 12).commits(1);
		history.clock.step(SETTINGS.level0Retention());
		return history;
	}

}
