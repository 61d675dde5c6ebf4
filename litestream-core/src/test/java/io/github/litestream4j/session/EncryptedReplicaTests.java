package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.EncryptingClients;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica that only who has the key can read.
 */
class EncryptedReplicaTests {

	private static final String SECRET = "nobody else may read this text";

	@TempDir
	Path folder;

	private final S3Server server = S3Server.shared();

	private final String bucket = this.server.createBucket("encrypted-" + UUID.randomUUID());

	private final S3Client client = EncryptingClients.open(this.server.endpoint(), EncryptingClients.key(1));

	private final ReplicaStorage storage = S3ReplicaStorage.open(this.client, this.bucket, "app");

	@AfterEach
	void close() {
		this.client.close();
	}

	@Test
	void isMergedProvenAndRestoredByWhoHasTheKeyOnly() throws Exception {
		ReplicatorSettings settings = settings();
		Txid middle;
		try (TestDatabase database = TestDatabase.open(settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.execute("CREATE TABLE secret AS SELECT '" + SECRET + "' AS text");
			// More than a megabyte, so that a restore reads page by page
			ledger.execute("CREATE TABLE bulk AS WITH RECURSIVE n(i) AS "
					+ "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, randomblob(1000) AS b FROM n");
			database.replicator().snapshot(TestDatabase.TIMEOUT);
			commit(database, ledger, 30);
			middle = database.replicator().sync(TestDatabase.TIMEOUT);
			commit(database, ledger, 30);
			Awaitility.await()
				.atMost(TestDatabase.TIMEOUT)
				.until(() -> last(1).equals(last(0)) && last(2).equals(last(0)));
			DrillResult drill = database.replicator().verify(TestDatabase.TIMEOUT);
			assertThat(drill.failure()).isNull();
			assertThat(drill.passed()).isTrue();
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
		}
		assertNothingIsPlain();
		Path latest = this.folder.resolve("latest");
		TestDatabase.restore(this.storage, latest);
		assertThat(Ledger.verify(latest)).isEqualTo(60);
		Path then = this.folder.resolve("then");
		new Restorer(this.storage).restore(RestoreRequest.latest(then).to(middle));
		assertThat(Ledger.verify(then)).isEqualTo(30);
		LitestreamBinary.Outcome theirs = LitestreamBinary.current()
			.with(this.server)
			.restore(this.server.litestreamUrl(this.bucket, "app"), this.folder.resolve("theirs"));
		assertThat(theirs.exitCode()).as(theirs.output()).isNotZero();
		assertThat(this.folder.resolve("theirs")).doesNotExist();
	}

	@Test
	void outlivesItsMachineAndGoesOn() throws Exception {
		ReplicatorSettings settings = settings();
		try (TestDatabase database = TestDatabase.open(settings, this.storage);
				Connection connection = database.connect()) {
			commit(database, new Ledger(connection, 1), 10);
		}
		ReplicatorSettings elsewhere = TestDatabase.settings(this.folder.resolve("elsewhere.db"));
		try (TestDatabase database = TestDatabase.open(elsewhere, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			assertThat(ledger.last()).isEqualTo(10);
			commit(database, ledger, 10);
		}
		Path latest = this.folder.resolve("latest");
		TestDatabase.restore(this.storage, latest);
		assertThat(Ledger.verify(latest)).isEqualTo(20);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void aChangedByteIsFoundByADrill() throws Exception {
		try (TestDatabase database = TestDatabase.open(TestDatabase.settings(this.folder.resolve("app.db")),
				this.storage); Connection connection = database.connect()) {
			commit(database, new Ledger(connection, 1), 5);
			StoredFile file = this.storage.list(0).get(2);
			Path object = this.server.folder(this.bucket).resolve("app/0000/" + file.key().name());
			byte[] bytes = Files.readAllBytes(object);
			assertThat(bytes).hasSize((int) file.size() + 16);
			bytes[bytes.length / 2] ^= 1;
			Files.write(object, bytes);
			DrillResult drill = database.replicator().verify(TestDatabase.TIMEOUT);
			assertThat(drill.passed()).isFalse();
			assertThat(drill.failure()).contains(file.key().toString());
		}
	}

	private ReplicatorSettings settings() {
		HistorySettings defaults = HistorySettings.DEFAULT;
		return TestDatabase.settings(this.folder.resolve("app.db"))
			.with(new HistorySettings(List.of(Duration.ofMillis(200), Duration.ofMillis(600)),
					defaults.level0Retention(), Duration.ZERO, defaults.snapshotRetention(), false, false,
					Duration.ZERO));
	}

	private Txid last(int level) {
		return this.storage.list(level)
			.stream()
			.map((file) -> file.key().name().max())
			.reduce((first, second) -> second)
			.orElse(Txid.FIRST);
	}

	private static void commit(TestDatabase database, Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
	}

	private void assertNothingIsPlain() throws IOException {
		try (Stream<Path> files = Files.walk(this.server.folder(this.bucket))) {
			List<Path> objects = files.filter(Files::isRegularFile).toList();
			assertThat(objects).hasSizeGreaterThan(60);
			for (Path object : objects) {
				assertThat(Files.readString(object, StandardCharsets.ISO_8859_1)).as(object.toString())
					.doesNotContain(SECRET, "LTX1", "SQLite format 3", "generation", "software.amazon");
			}
		}
	}

}
