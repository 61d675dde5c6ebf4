package io.github.litestream4j.restore;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the real Litestream 0.3 writes while the test runs, in a folder and in a bucket.
 */
class LegacyLitestreamTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(2);

	@TempDir
	private Path folder;

	@Test
	void restoresWhatItHasJustWritten() throws Exception {
		LitestreamBinary litestream = LitestreamBinary.v03();
		Path replica = this.folder.resolve("replica");
		String url = LitestreamBinary.url(replica);
		ReplicaStorage storage = new FileReplicaStorage(replica);
		Instant between;
		try (Connection connection = open()) {
			Ledger ledger = new Ledger(connection, 1);
			try (ChildProcess process = litestream.replicate(database(), url, this.folder.resolve("log"))) {
				commit(ledger, 200);
				awaitStored(storage, 200);
				between = Instant.now();
				// More than a thousand pages of the WAL, so that it is restarted
				commit(ledger, 1_200);
				awaitStored(storage, 1_400);
				process.terminate(TIMEOUT);
			}
			// Written while it was away, and checkpointed: the next one begins a
			// generation
			commit(ledger, 100);
			ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)");
			commit(ledger, 100);
			try (ChildProcess process = litestream.replicate(database(), url, this.folder.resolve("log"))) {
				commit(ledger, 100);
				awaitStored(storage, 1_700);
				process.terminate(TIMEOUT);
			}
		}
		assertThat(storage.listLegacy().stream().map((file) -> file.generation()).distinct()).hasSize(2);
		Path ours = restore(storage, null);
		Path theirs = this.folder.resolve("theirs.db");
		litestream.restore(url, theirs).succeeded();
		assertThat(Files.mismatch(ours, theirs)).isEqualTo(-1);
		Path oursBetween = restore(storage, between);
		Path theirsBetween = this.folder.resolve("between.db");
		litestream.restore(url, theirsBetween, "-timestamp", between.toString()).succeeded();
		assertThat(Files.mismatch(oursBetween, theirsBetween)).isEqualTo(-1);
		assertThat(Ledger.verify(oursBetween)).isEqualTo(200);
	}

	@Test
	void restoresWhatItHasWrittenToABucket() throws Exception {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("legacy-" + UUID.randomUUID());
		try (S3Client client = server.client()) {
			ReplicaStorage storage = new S3ReplicaStorage(client, bucket, "some/app");
			try (Connection connection = open();
					ChildProcess process = LitestreamBinary.v03()
						.with(server)
						.replicate(config(bucket, server), this.folder.resolve("log"))) {
				Ledger ledger = new Ledger(connection, 2);
				commit(ledger, 300);
				awaitStored(storage, 300);
				commit(ledger, 300);
				awaitStored(storage, 600);
				process.terminate(TIMEOUT);
			}
			assertThat(storage.listLegacy()).hasSizeGreaterThan(2);
		}
	}

	private Path config(String bucket, S3Server server) throws Exception {
		return Files.writeString(this.folder.resolve("litestream.yml"), """
				dbs:
				  - path: %s
				    replicas:
				      - type: s3
				        bucket: %s
				        path: some/app
				        endpoint: %s
				        region: us-east-1
				        force-path-style: true
				""".formatted(database(), bucket, server.endpoint()));
	}

	private Path database() {
		return this.folder.resolve("app.db");
	}

	private Connection open() throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
		try (var statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode=wal");
			statement.execute("PRAGMA busy_timeout=10000");
		}
		return connection;
	}

	private static void commit(Ledger ledger, int count) throws SQLException {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

	private void awaitStored(ReplicaStorage storage, long last) {
		Awaitility.await()
			.atMost(TIMEOUT)
			.pollInterval(Duration.ofMillis(300))
			.ignoreException(UnreachablePointException.class)
			.until(() -> !storage.listLegacy().isEmpty() && Ledger.verify(restore(storage, null)) == last);
	}

	private Path restore(ReplicaStorage storage, Instant time) {
		Path target = this.folder.resolve("restored-" + UUID.randomUUID());
		new Restorer(storage).restore(new RestoreRequest(target, null, time, IntegrityCheck.FULL, 4));
		return target;
	}

}
