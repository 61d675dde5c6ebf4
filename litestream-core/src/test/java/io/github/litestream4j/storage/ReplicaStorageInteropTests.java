package io.github.litestream4j.storage;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica that goes through our storages is still one to the real Litestream: its
 * places, its bytes and its times.
 */
class ReplicaStorageInteropTests {

	@TempDir
	private Path folder;

	@Test
	void litestreamRestoresToAnyTimeFromAFolderOfOurs() throws Exception {
		Path replica = this.folder.resolve("new/replica");
		store(new FileReplicaStorage(replica));
		assertRestores(LitestreamBinary.current(), LitestreamBinary.url(replica));
	}

	@Test
	void litestreamRestoresToAnyTimeFromABucketOfOurs() throws Exception {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("storage-interop");
		try (S3Client client = server.client()) {
			store(new S3ReplicaStorage(client, bucket, "some/app"));
		}
		// Litestream refuses times before the oldest object was stored, and looks at
		// metadata only then: so one object must look as if it were old enough.
		Files.setLastModifiedTime(server.folder(bucket).resolve("some/app/0009/0000000000000001-0000000000000001.ltx"),
				FileTime.from(Instant.parse("2026-11-23T12:00:00Z")));
		assertRestores(LitestreamBinary.current().with(server), server.litestreamUrl(bucket, "some/app"));
	}

	private static void store(ReplicaStorage storage) throws IOException, URISyntaxException {
		for (var entry : expected().get("mtimes_ms").properties()) {
			String[] path = entry.getKey().split("/");
			LtxKey key = new LtxKey(Integer.parseInt(path[1]), LtxFileName.parse(path[2]).orElseThrow());
			Instant time = Instant.ofEpochMilli(entry.getValue().asLong());
			byte[] bytes = Files.readAllBytes(fixture().resolve("replica").resolve(entry.getKey()));
			if (key.level() == 0) {
				assertThat(storage.putIfAbsent(key, Content.of(bytes), time)).isTrue();
			}
			else {
				assertThat(storage.put(key, time, (out) -> out.write(bytes))).isEqualTo(bytes.length);
			}
		}
		// Nothing that Litestream should stumble over.
		assertThat(storage.putMetaIfAbsent("replica.json", new byte[] { '{', '}' })).isTrue();
	}

	private void assertRestores(LitestreamBinary litestream, String url) throws Exception {
		Path latest = this.folder.resolve("latest.db");
		litestream.restore(url, latest).succeeded();
		assertThat(sha256(latest)).isEqualTo(expected().get("latest").get("file_sha256").asString());
		int restores = 0;
		for (JsonNode point : expected().get("by_timestamp")) {
			String time = point.get("timestamp").asString();
			if (Instant.parse(time).isAfter(newest())) {
				// Litestream knows no state later than its newest file.
				continue;
			}
			Path restored = this.folder.resolve(time.replace(':', '-') + ".db");
			litestream.restore(url, restored, "-timestamp", time).succeeded();
			assertThat(sha256(restored)).as(time).isEqualTo(point.get("file_sha256").asString());
			restores++;
		}
		assertThat(restores).isEqualTo(5);
	}

	private static Instant newest() throws URISyntaxException {
		long newest = 0;
		for (var entry : expected().get("mtimes_ms").properties()) {
			newest = Math.max(newest, entry.getValue().asLong());
		}
		return Instant.ofEpochMilli(newest);
	}

	private static JsonNode expected() throws URISyntaxException {
		return JsonMapper.shared().readTree(fixture().resolve("expected.json").toFile());
	}

	private static Path fixture() throws URISyntaxException {
		URI uri = ReplicaStorageInteropTests.class.getResource("/fixtures/litestream-v0.5/basic").toURI();
		return Path.of(uri);
	}

	private static String sha256(Path file) throws Exception {
		return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
	}

}
