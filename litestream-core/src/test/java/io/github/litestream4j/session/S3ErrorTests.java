package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.S3Gateway;
import io.github.litestream4j.testsupport.S3Gateway.Refusal;
import io.github.litestream4j.testsupport.S3Server;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An S3 store that refuses what it took before, until it takes it again.
 */
class S3ErrorTests {

	private static final AwsCredentials OLD = AwsBasicCredentials.create("OLDKEY", "old-secret");

	private static final AwsCredentials NEW = AwsBasicCredentials.create("NEWKEY", "new-secret");

	@TempDir
	Path folder;

	private final AtomicReference<Supplier<AwsCredentials>> credentials = new AtomicReference<>(() -> OLD);

	private S3Gateway gateway;

	private S3Client client;

	private S3ReplicaStorage storage;

	private ReplicatorSettings settings;

	@BeforeEach
	void start() {
		S3Server server = S3Server.shared();
		server.createBucket("errors");
		this.gateway = new S3Gateway(server.endpoint());
		this.client = S3Client.builder()
			.endpointOverride(this.gateway.endpoint())
			.region(Region.US_EAST_1)
			.forcePathStyle(true)
			// As an application's would be, but for its pauses
			.overrideConfiguration((override) -> override.retryStrategy(StandardRetryStrategy.builder()
				.backoffStrategy(BackoffStrategy.retryImmediately())
				.throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
				.build()))
			.credentialsProvider(() -> this.credentials.get().get())
			.build();
		this.storage = new S3ReplicaStorage(this.client, "errors", this.folder.getFileName().toString());
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.gateway.close();
	}

	@ParameterizedTest
	@CsvSource({ "400, ExpiredToken", "403, InvalidAccessKeyId" })
	void f63CredentialsThatExpireAreRenewedWithoutARestart(int status, String code) throws Exception {
		outlives(code, () -> this.gateway.refuse((request) -> Optional.of(new Refusal(status, code))
			.filter((refusal) -> request.isSignedWith("OLDKEY"))), () -> this.credentials.set(() -> NEW));
	}

	@Test
	void f63CredentialsThatCannotBeHadAreAskedForAgain() throws Exception {
		outlives("no credentials for now", () -> this.credentials.set(() -> {
			throw SdkClientException.create("no credentials for now");
		}), () -> this.credentials.set(() -> OLD));
	}

	private void outlives(String message, Runnable fault, Runnable end) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			commit(ledger, 10);
			database.replicator().sync(TestDatabase.TIMEOUT);
			fault.run();
			commit(ledger, 50);
			Awaitility.await().until(() -> database.replicator().status().errors().count(ErrorStage.UPLOAD) >= 2);
			ReplicationStatus failing = database.replicator().status();
			assertThat(failing.state()).isEqualTo(State.FAILING);
			assertThat(failing.failure()).contains(message);
			assertThat(failing.lag()).isPositive();
			end.run();
			commit(ledger, 10);
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
			assertOneHistory(ledger.last());
		}
	}

	@Test
	void f63TheStoreFailsAHundredTimesInARowAndTheClientsOwnRetriesAreSpent() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			Ledger ledger = new Ledger(connection, 1);
			this.gateway.refuse((request) -> Optional.of(new Refusal(500, "InternalError")));
			ledger.commit();
			// Drains the bucket of retries that all calls of a client share
			int calls = 0;
			int requests = 0;
			while (requests != 1) {
				int before = this.gateway.refused();
				assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> this.storage.list(0));
				requests = this.gateway.refused() - before;
				assertThat(++calls).isLessThan(300);
			}
			Awaitility.await().until(() -> database.replicator().status().errors().count(ErrorStage.UPLOAD) >= 1);
			this.gateway.heal();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertOneHistory(ledger.last());
		}
	}

	@ParameterizedTest
	@CsvSource({ "403, AccessDenied", "500, InternalError", "404, NoSuchBucket" })
	void f49AReplicaThatCannotBeListedIsNotTakenForAnEmptyOne(int status, String code) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(new Ledger(connection, 1), 10);
		}
		for (int level : new int[] { 0, 1, LtxKey.SNAPSHOT_LEVEL }) {
			String prefix = "/000" + level + "/";
			this.gateway.refuse((request) -> Optional.of(new Refusal(status, code))
				.filter((refusal) -> request.isListing() && request.uri().getQuery().contains(prefix)));
			int before = this.gateway.refused();
			assertThatExceptionOfType(StorageUnavailableException.class).as("level %d", level)
				.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
				.withMessageContaining(code);
			assertThat(this.gateway.refused()).isGreaterThan(before);
		}
		this.gateway.heal();
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(new Ledger(connection, 2), 10);
		}
		assertOneHistory(20);
	}

	private void assertOneHistory(long last) throws Exception {
		Path target = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
		TestDatabase.restore(this.storage, target);
		assertThat(Ledger.verify(target)).isEqualTo(last);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one snapshot").hasSize(1);
		List<StoredFile> files = this.storage.list(0);
		for (int i = 1; i < files.size(); i++) {
			assertThat(files.get(i).key().name().min()).isEqualTo(files.get(i - 1).key().name().max().next());
		}
	}

	private static void commit(Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

}
