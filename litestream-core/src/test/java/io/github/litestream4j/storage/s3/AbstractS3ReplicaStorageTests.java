package io.github.litestream4j.storage.s3;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.AbstractReplicaStorageTests;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What {@link S3ReplicaStorage} owes with any S3 server.
 */
abstract class AbstractS3ReplicaStorageTests extends AbstractReplicaStorageTests {

	private static final int MIB = 1 << 20;

	private static final S3Limits LIMITS = new S3Limits(6 * MIB, 5 * MIB, 3, 6, Duration.ofSeconds(30));

	private final String bucket = "storage-tests-" + UUID.randomUUID();

	private final String root = "tests/" + UUID.randomUUID();

	private final S3Client client = S3Server.clientBuilder(endpoint(), "any", "any-secret").build();

	AbstractS3ReplicaStorageTests() {
		this.client.createBucket((request) -> request.bucket(this.bucket));
	}

	/**
	 * Where the server listens, which is running and takes any credentials. Called while
	 * a test is constructed.
	 */
	protected abstract URI endpoint();

	/**
	 * The client that the storage uses.
	 * @return by default a plain one
	 */
	protected S3Client storageClient() {
		return this.client;
	}

	@AfterEach
	void disconnect() {
		this.client.close();
	}

	@Override
	protected ReplicaStorage open(String place) {
		return new S3ReplicaStorage(storageClient(), this.bucket, this.root + "/" + place, LIMITS);
	}

	@Override
	protected void plant(int level, String name) {
		this.client.putObject((request) -> request.bucket(this.bucket).key(this.root + "/app/000" + level + "/" + name),
				RequestBody.fromString("foreign"));
	}

	@Override
	protected void plant(String path, byte[] bytes) {
		this.client.putObject((request) -> request.bucket(this.bucket).key(this.root + "/app/" + path),
				RequestBody.fromBytes(bytes));
	}

	@Override
	protected int bigSize() {
		return 17 * MIB + 12_345;
	}

	@Test
	void laysFilesOutAsLitestreamDoes() {
		put(key(0, 26), bytes(10, 1));
		storage().put(key(9, 1, 26), TIME, (out) -> out.write(1));
		storage().putMetaIfAbsent("generations/1.json", bytes(10, 1));
		assertThat(keys(this.root)).containsExactlyInAnyOrder(
				this.root + "/app/0000/000000000000001a-000000000000001a.ltx",
				this.root + "/app/0009/0000000000000001-000000000000001a.ltx",
				this.root + "/app/meta/generations/1.json");
		assertThat(storage().url()).isEqualTo("s3://" + this.bucket + "/" + this.root + "/app");
	}

	@Test
	void storesTheTimeAsLitestreamDoes() {
		Instant time = Instant.parse("2026-01-02T03:04:05.678901234Z");
		storage().putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), time);
		HeadObjectResponse head = this.client.headObject((request) -> request.bucket(this.bucket)
			.key(this.root + "/app/0000/0000000000000001-0000000000000001.ltx"));
		assertThat(head.metadata()).containsEntry("litestream-timestamp", "2026-01-02T03:04:05.678901234Z");
		assertThat(head.contentType()).isEqualTo("application/octet-stream");
		assertThat(head.contentEncoding()).isNull();
		assertThat(storage().timestamp(storage().list(0).get(0))).isEqualTo(time);
	}

	@Test
	void worksWithoutAPrefix() {
		String own = "storage-tests-" + UUID.randomUUID();
		this.client.createBucket((request) -> request.bucket(own));
		ReplicaStorage storage = new S3ReplicaStorage(storageClient(), own, "");
		assertThat(storage.list(0)).isEmpty();
		assertThat(storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), TIME)).isTrue();
		assertThat(storage.list(0)).extracting(StoredFile::key).containsExactly(key(0, 1));
		assertThat(this.client.listObjectsV2((request) -> request.bucket(own)).contents()).extracting(S3Object::key)
			.containsExactly("0000/0000000000000001-0000000000000001.ltx");
		assertThat(storage.url()).isEqualTo("s3://" + own);
	}

	@Test
	void leavesNoUploadBehindThatWasGivenUp() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> storage().put(key(9, 1), TIME, (out) -> {
				out.write(bytes(bigSize(), 1));
				throw new IllegalStateException();
			}));
		byte[] bytes = bytes(bigSize(), 1);
		assertThat(put(key(9, 1), bytes)).isTrue();
		assertThat(put(key(9, 1), bytes)).isFalse();
		assertThat(this.client.listMultipartUploads((request) -> request.bucket(this.bucket)).uploads())
			.noneMatch((upload) -> upload.key().startsWith(this.root));
	}

	@Test
	void takesAMissingBucketForAnError() {
		ReplicaStorage storage = new S3ReplicaStorage(storageClient(), "no-such-bucket", "app");
		for (Runnable call : List.<Runnable>of(() -> storage.list(0), () -> storage.readMeta("replica.json"),
				() -> storage.read(key(0, 1), 0, 1))) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(call::run)
				.withMessageContainingAll("s3://no-such-bucket/app/", "404", "NoSuchBucket", "create the bucket");
		}
	}

	@Test
	protected void saysThatTheBucketIsMissingWhenItStores() {
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> new S3ReplicaStorage(storageClient(), "no-such-bucket", "app")
				.putMetaIfAbsent("replica.json", new byte[1]))
			.withMessageContainingAll("s3://no-such-bucket/app/", "404", "NoSuchBucket", "create the bucket");
	}

	private List<String> keys(String prefix) {
		return this.client.listObjectsV2((request) -> request.bucket(this.bucket).prefix(prefix + "/"))
			.contents()
			.stream()
			.map(S3Object::key)
			.toList();
	}

}
