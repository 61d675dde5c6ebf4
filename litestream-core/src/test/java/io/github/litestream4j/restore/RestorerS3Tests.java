package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same replicas from S3, where times and ranges cost requests.
 */
class RestorerS3Tests {

	@TempDir
	private Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "basic", "many-small" })
	void restoresEveryStateFromS3(String name) throws IOException {
		LitestreamFixture fixture = new LitestreamFixture(name);
		S3Server server = S3Server.shared();
		try (S3Client client = server.client()) {
			S3ReplicaStorage storage = store(fixture, client, server);
			JsonNode expected = fixture.expected();
			assertRestores(storage, RestoreRequest.latest(target()), expected.get("latest"));
			for (JsonNode state : expected.get("by_txid")) {
				Txid txid = Txid.parse(state.get("txid").asString());
				assertRestores(storage, RestoreRequest.latest(target()).to(txid), state);
			}
			for (JsonNode state : expected.get("by_timestamp")) {
				Instant time = Instant.parse(state.get("timestamp").asString());
				assertRestores(storage, RestoreRequest.latest(target()).to(time), state);
			}
		}
	}

	@Test
	void outlivesARestartOfTheStore() throws IOException {
		LitestreamFixture fixture = new LitestreamFixture("incremental-vacuum");
		try (S3Server server = S3Server.in(Files.createDirectory(this.folder.resolve("s3"))).start();
				S3Client client = server.client()) {
			S3ReplicaStorage storage = store(fixture, client, server);
			AtomicReference<CompletableFuture<?>> restart = new AtomicReference<>();
			InterceptedStorage intercepted = new InterceptedStorage(storage).reading((key, offset, length) -> {
				if (offset > 20_000 && restart.get() == null) {
					server.stop();
					restart.set(CompletableFuture.runAsync(server::start));
				}
				return storage.read(key, offset, length);
			});
			FetchSettings settings = new FetchSettings(10_000, FetchSettings.DEFAULT.attempts(),
					FetchSettings.DEFAULT.progress(), FetchSettings.DEFAULT.firstPause(),
					FetchSettings.DEFAULT.longestPause(), FetchSettings.DEFAULT.silence());
			RestoreRequest request = new RestoreRequest(target(), null, null, IntegrityCheck.QUICK, 1);
			new Restorer(intercepted, settings, Clock.systemUTC()).restore(request);
			restart.get().join();
			assertThat(LitestreamFixture.sha256(target()))
				.isEqualTo(fixture.expected().get("latest").get("file_sha256").asString());
		}
	}

	private Path target() {
		return this.folder.resolve("app.db");
	}

	private void assertRestores(S3ReplicaStorage storage, RestoreRequest request, JsonNode expected)
			throws IOException {
		new Restorer(storage).restore(request);
		assertThat(LitestreamFixture.sha256(target())).isEqualTo(expected.get("file_sha256").asString());
		Files.delete(target());
	}

	private S3ReplicaStorage store(LitestreamFixture fixture, S3Client client, S3Server server) throws IOException {
		FileReplicaStorage source = new FileReplicaStorage(fixture.copyTo(this.folder));
		String bucket = server.createBucket("restorer-" + UUID.randomUUID());
		S3ReplicaStorage storage = new S3ReplicaStorage(client, bucket, "app");
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			for (StoredFile file : source.list(level)) {
				try (var in = source.read(file.key(), 0, file.size())) {
					storage.putIfAbsent(file.key(), Content.of(in.readAllBytes()), source.timestamp(file));
				}
			}
		}
		return storage;
	}

}
