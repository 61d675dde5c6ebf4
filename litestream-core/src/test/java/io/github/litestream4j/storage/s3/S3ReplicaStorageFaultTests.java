package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.ScriptedS3.Answer;
import io.github.litestream4j.storage.s3.ScriptedS3.Request;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

import static io.github.litestream4j.storage.s3.ScriptedS3.error;
import static io.github.litestream4j.storage.s3.ScriptedS3.listing;
import static io.github.litestream4j.storage.s3.ScriptedS3.range;
import static io.github.litestream4j.storage.s3.ScriptedS3.status;
import static io.github.litestream4j.storage.s3.ScriptedS3.stored;
import static io.github.litestream4j.storage.s3.ScriptedS3.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class S3ReplicaStorageFaultTests {

	private static final LtxKey KEY = new LtxKey(0, LtxFileName.of(Txid.FIRST));

	private static final String NAME = "0000000000000001-0000000000000001.ltx";

	private static final Answer BEGUN = xml(200,
			"<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>");

	private static final Answer COMPLETED = xml(200,
			"<CompleteMultipartUploadResult><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>");

	private static final int PART = 1_000;

	private ScriptedS3 server;

	private S3Client client;

	private S3ReplicaStorage storage;

	@BeforeEach
	void start() {
		this.server = new ScriptedS3();
		this.client = builder()
			.overrideConfiguration((settings) -> settings.retryStrategy(AwsRetryStrategy.doNotRetry()))
			.build();
		this.storage = storage(this.client, Duration.ofSeconds(20));
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.server.close();
	}

	@Test
	void doesNotTakeAnErrorForAnEmptyListing() {
		this.server.on("GET", "list-type=2", error(403, "AccessDenied"), error(500, "InternalError"),
				error(503, "SlowDown"), error(404, "NoSuchBucket"), status(404), error(301, "PermanentRedirect"),
				xml(200, "<html><body>Sign in</body></html>"), xml(200, "<ListBucketResult><Na"));
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("list s3://bucket/app/0000/",
				"403 AccessDenied", "credentials", "s3:ListBucket");
		assertUnavailable(() -> this.storage.list(0)).withMessageContaining("500 InternalError");
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("503 SlowDown", "fewer requests");
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("404 NoSuchBucket", "create the bucket");
		assertUnavailable(() -> this.storage.list(0)).withMessageContaining("404");
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("301", "region");
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("no listing of a bucket", "endpoint");
		assertUnavailable(() -> this.storage.list(0)).withMessageContaining("list s3://bucket/app/0000/");
		assertThat(this.server.requests()).hasSize(8);
	}

	@Test
	void doesNotTakeATimeOutForAnEmptyListing() {
		this.server.on("GET", "list-type=2", this.server.silence());
		S3ReplicaStorage impatient = storage(this.client, Duration.ofMillis(300));
		assertUnavailable(() -> impatient.list(0)).withMessageContainingAll("list s3://bucket/app/0000/", "timeout");
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void doesNotTakeASilentServerForAnEmptyListing() {
		this.server.close();
		assertUnavailable(() -> this.storage.list(0)).withMessageContainingAll("Connect", "endpoint");
	}

	@Test
	void givesNoHalfListing() {
		this.server.on("GET", "continuation-token", error(500, "InternalError"))
			.on("GET", "list-type=2",
					listing(true, "<NextContinuationToken>next</NextContinuationToken>", "app/0000/" + NAME));
		assertUnavailable(() -> this.storage.list(0)).withMessageContaining("500");
	}

	@Test
	void refusesPagesWithoutAnEnd() {
		this.server.on("GET", "0001", listing(true, "", "app/0001/" + NAME))
			.on("GET", "list-type=2", listing(true, "<NextContinuationToken>same</NextContinuationToken>"));
		assertUnavailable(() -> this.storage.list(0)).withMessageContaining("does not page");
		assertUnavailable(() -> this.storage.list(1)).withMessageContaining("does not page");
		assertThat(this.server.requests()).hasSize(3);
	}

	@Test
	void readsNamesWhosePrefixComesEncoded() {
		S3ReplicaStorage other = new S3ReplicaStorage(this.client, "bucket", "my app");
		this.server.on("GET", "list-type=2", listing(false, "", "my%20app/0000/" + NAME));
		assertThat(other.list(0)).extracting(StoredFile::key).containsExactly(KEY);
		assertThat(this.server.requests()).singleElement()
			.satisfies((request) -> assertThat(request.uri()).doesNotContain("encoding-type"));
	}

	@Test
	void failsWhenAnObjectEndsEarly() throws IOException {
		this.server.on("GET", NAME, range(10, 100, 50), range(10, 50, 50));
		try (InputStream in = this.storage.read(KEY, 10, 100)) {
			assertThatIOException().isThrownBy(in::readAllBytes);
		}
		try (InputStream in = this.storage.read(KEY, 10, 100)) {
			assertThatIOException().isThrownBy(in::readAllBytes).withMessageContainingAll(NAME, "50 of 100 bytes");
		}
	}

	@Test
	void doesNotTakeTheStartOfAFileForItsMiddle() {
		this.server.on("GET", NAME, xml(200, "the whole file"), range(0, 10, 10), error(416, "InvalidRange"));
		assertUnavailable(() -> this.storage.read(KEY, 3, 10)).withMessageContaining("ranges");
		assertUnavailable(() -> this.storage.read(KEY, 3, 10)).withMessageContaining("ranges");
		assertUnavailable(() -> this.storage.read(KEY, 3, 10)).withMessageContainingAll("416", "shorter");
	}

	@Test
	void tellsAMissingFileFromAMissingBucket() {
		this.server.on("GET", NAME, error(404, "NoSuchKey"), error(404, "NoSuchBucket"), status(404))
			.on("GET", "replica.json", error(404, "NoSuchKey"), error(404, "NoSuchBucket"),
					xml(404, "<html>404</html>"), error(403, "AccessDenied"))
			.on("HEAD", NAME, status(404), status(403));
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(() -> this.storage.read(KEY, 0, 1));
		assertUnavailable(() -> this.storage.read(KEY, 0, 1)).withMessageContaining("create the bucket");
		assertUnavailable(() -> this.storage.read(KEY, 0, 1)).withMessageContaining("404");
		assertThat(this.storage.readMeta("replica.json")).isEmpty();
		assertUnavailable(() -> this.storage.readMeta("replica.json")).withMessageContaining("create the bucket");
		assertUnavailable(() -> this.storage.readMeta("replica.json")).withMessageContaining("404");
		assertUnavailable(() -> this.storage.readMeta("replica.json")).withMessageContaining("s3:GetObject");
		StoredFile file = new StoredFile(KEY, 5, Instant.EPOCH);
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(() -> this.storage.timestamp(file));
		assertUnavailable(() -> this.storage.timestamp(file)).withMessageContaining("403");
	}

	@Test
	void takesTheLastModificationWhereThereIsNoTime() {
		StoredFile file = new StoredFile(KEY, 5, Instant.EPOCH);
		this.server.on("HEAD", NAME, head(null), head("yesterday"), head("2026-05-06T07:08:09.123456789Z"),
				head("2026-05-06T09:08:09+02:00"));
		Instant modified = Instant.parse("2015-10-21T07:28:00Z");
		assertThat(this.storage.timestamp(file)).isEqualTo(modified);
		assertThat(this.storage.timestamp(file)).isEqualTo(modified);
		assertThat(this.storage.timestamp(file)).isEqualTo("2026-05-06T07:08:09.123456789Z");
		assertThat(this.storage.timestamp(file)).isEqualTo("2026-05-06T07:08:09Z");
	}

	@Test
	void triesAgainWhileAnotherWriteIsUnderWay() {
		this.server.on("PUT", NAME, error(409, "ConditionalRequestConflict"), error(409, "ConditionalRequestConflict"),
				stored());
		assertThat(put(10)).isTrue();
		assertThat(this.server.requests()).hasSize(3)
			.allSatisfy((request) -> assertThat(request.headers()).containsEntry("If-None-Match", "*"));
	}

	@Test
	void yieldsWhenTheOtherWriteWins() {
		this.server.on("PUT", NAME, error(409, "ConditionalRequestConflict"), error(412, "PreconditionFailed"));
		assertThat(put(10)).isFalse();
	}

	@Test
	void givesUpWhenTheOtherWriteDoesNotEnd() {
		this.server.on("PUT", NAME, error(409, "ConditionalRequestConflict"));
		assertUnavailable(() -> put(10)).withMessageContainingAll("store s3://bucket/app/0000/" + NAME, "409");
		assertThat(this.server.requests()).hasSize(4);
	}

	@Test
	void saysWhenAStoreTakesNoConditions() {
		this.server.on("PUT", NAME, error(501, "NotImplemented"));
		assertUnavailable(() -> put(10)).withMessageContainingAll("501 NotImplemented", "If-None-Match");
	}

	@Test
	void sendsBodiesPlainly() {
		this.server.on("PUT", "", stored())
			.on("HEAD", "meta/checksums/", status(404))
			.on("HEAD", NAME, status(404), head(null))
			.on("POST", "uploads", BEGUN)
			.on("POST", "uploadId", COMPLETED)
			.on("GET", NAME, range(0, 10, 10));
		put(10);
		put(10 * PART);
		this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[10]));
		this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[3 * PART]));
		this.storage.putMetaIfAbsent("replica.json", new byte[5]);
		this.storage.read(KEY, 0, 10);
		this.storage.timestamp(new StoredFile(KEY, 5, Instant.EPOCH));
		assertThat(this.server.requests()).hasSize(1 + 13 + 2 + 6 + 1 + 2).allSatisfy((request) -> {
			assertThat(request.headers()).doesNotContainKeys("Content-Encoding", "Transfer-Encoding",
					"x-amz-sdk-checksum-algorithm", "x-amz-trailer", "x-amz-decoded-content-length",
					"x-amz-checksum-crc32", "x-amz-checksum-mode", "x-amz-checksum-algorithm");
			assertThat(request.headers().get("x-amz-content-sha256")).doesNotStartWith("STREAMING");
		});
		assertThat(this.server.requests("PUT", "")).allSatisfy((request) -> assertThat(request.headers())
			.containsEntry("Content-Length", Integer.toString(request.body().length)));
		assertThat(this.server.requests("PUT", "partNumber")).extracting((request) -> request.body().length)
			.containsOnly(PART);
	}

	@Test
	void givesTheSameBodyToTheClientsOwnRetries() {
		this.server.on("PUT", NAME, error(500, "InternalError"), stored());
		try (S3Client patient = builder().build()) {
			byte[] bytes = bytes(PART - 1);
			assertThat(storage(patient, Duration.ofSeconds(20)).putIfAbsent(KEY, Content.of(bytes), Instant.EPOCH))
				.isTrue();
			assertThat(this.server.requests()).hasSize(2).extracting(Request::body).containsOnly(bytes);
		}
	}

	@Test
	void givesAnUploadUpWhenAPartFails() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber=2", error(500, "InternalError"))
			.on("PUT", "partNumber", stored())
			.on("DELETE", "uploadId=upload-1", status(204));
		assertUnavailable(() -> put(5 * PART)).withMessageContainingAll("part 2 of s3://bucket/app/0000/" + NAME,
				"500");
		assertUnavailable(() -> this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[5 * PART])))
			.withMessageContaining("part 2 of");
		assertThat(this.server.requests("DELETE", "uploadId=upload-1")).hasSize(2);
		assertThat(this.server.requests("POST", "uploadId")).isEmpty();
	}

	@Test
	void tellsWhenAnUploadCannotBeGivenUp() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber", stored())
			.on("DELETE", "uploadId=upload-1", error(403, "AccessDenied"));
		assertThatIllegalStateException().isThrownBy(() -> this.storage.put(KEY, Instant.EPOCH, (out) -> {
			out.write(new byte[2 * PART]);
			throw new IllegalStateException("mid-way");
		}))
			.withMessage("mid-way")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement()
				.satisfies(
						(suppressed) -> assertThat(suppressed).hasMessageContainingAll("give up the upload", "403")));
	}

	@Test
	void beginsAnUploadAnewWhileAnotherWriteIsUnderWay() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber", stored())
			.on("POST", "uploadId=", error(409, "ConditionalRequestConflict"), COMPLETED)
			.on("DELETE", "uploadId=upload-1", status(204));
		assertThat(put(3 * PART)).isTrue();
		assertThat(this.server.requests("POST", "uploads")).hasSize(2);
		assertThat(this.server.requests("DELETE", "uploadId=upload-1")).hasSize(1);
		assertThat(this.server.requests("POST", "uploadId=")).hasSize(2)
			.allSatisfy((request) -> assertThat(request.headers()).containsEntry("If-None-Match", "*"));
	}

	@Test
	void yieldsAnUploadWhoseKeyIsTaken() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber", stored())
			.on("POST", "uploadId=", error(412, "PreconditionFailed"))
			.on("DELETE", "uploadId=upload-1", status(204));
		assertThat(put(3 * PART)).isFalse();
		assertThat(this.server.requests("DELETE", "uploadId=upload-1")).hasSize(1);
	}

	@Test
	void sendsNoPartOfAFileThatIsThere() {
		this.server.on("HEAD", NAME, head(null), status(403));
		assertThat(put(3 * PART)).isFalse();
		assertUnavailable(() -> put(3 * PART)).withMessageContaining("403");
		assertThat(this.server.requests()).hasSize(2);
	}

	@Test
	void takesAnErrorInACompletionForOne() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber", stored())
			.on("POST", "uploadId=", error(200, "InternalError"))
			.on("DELETE", "uploadId=upload-1", status(204));
		assertUnavailable(() -> put(3 * PART)).withMessageContaining("InternalError");
		assertUnavailable(() -> this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[3 * PART])))
			.withMessageContaining("InternalError");
	}

	@Test
	void deletesOneByOneWhereAStoreTakesNoBatches() {
		this.server.on("POST", "?delete", error(501, "NotImplemented")).on("DELETE", "", status(204));
		this.storage.delete(keys(3));
		this.storage.delete(keys(2));
		assertThat(this.server.requests("POST", "?delete")).hasSize(1);
		assertThat(this.server.requests("DELETE", ".ltx")).hasSize(5);
	}

	@Test
	void deletesInBatchesOfAThousandWithAnMd5() {
		this.server.on("POST", "?delete", (exchange) -> {
			Request request = this.server.requests().get(this.server.requests().size() - 1);
			String body = new String(request.body(), StandardCharsets.UTF_8);
			xml(200, "<DeleteResult>"
					+ body.replaceAll("(?s)^.*?(<Object>.*</Object>).*$", "$1").replace("Object>", "Deleted>")
					+ "</DeleteResult>")
				.to(exchange);
		});
		this.storage.delete(keys(2_001 + 1));
		assertThat(this.server.requests()).hasSize(3)
			.allSatisfy((request) -> assertThat(request.headers()).containsKey("Content-MD5"));
	}

	@Test
	void takesAnErrorInABatchForOne() {
		this.server.on("POST", "?delete",
				xml(200, "<DeleteResult><Deleted><Key>" + "app/0000/" + NAME + "</Key></Deleted><Error><Key>"
						+ "app/0000/0000000000000002-0000000000000002.ltx"
						+ "</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"));
		assertUnavailable(() -> this.storage.delete(keys(2)))
			.withMessageContainingAll("0000000000000002-0000000000000002.ltx", "AccessDenied", "s3:DeleteObject");
	}

	@Test
	void namesEachFileThatIsLeftAndDeletesAllOthers() {
		this.server
			.on("POST", "?delete",
					(exchange) -> xml(200,
							"<DeleteResult>" + keys(1_000).stream()
								.map((key) -> "<Deleted><Key>app/0000/" + key.name() + "</Key></Deleted>")
								.skip(2)
								.collect(Collectors.joining()) + refused(keys(2)) + "</DeleteResult>")
						.to(exchange),
					xml(200, "<DeleteResult>"
							+ keys(1_004).stream()
								.map((key) -> "<Deleted><Key>app/0000/" + key.name() + "</Key></Deleted>")
								.skip(1_003)
								.collect(Collectors.joining())
							+ refused(keys(1_001).subList(1_000, 1_001)) + "</DeleteResult>"))
			.on("DELETE", "00000000000003ea.ltx", error(403, "AccessDenied"))
			.on("DELETE", "00000000000003eb.ltx", status(204));
		assertUnavailable(() -> this.storage.delete(keys(1_004)))
			.withMessageContainingAll("4 of 1004 objects in s3://bucket", NAME, "0000000000000002.ltx: Locked: no",
					"00000000000003e9.ltx: Locked", "00000000000003ea.ltx: AccessDenied", "The others are deleted",
					"s3:DeleteObject")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("0000000000000003.ltx", "3eb.ltx"));
		assertThat(this.server.requests("POST", "?delete")).hasSize(2);
	}

	private static String refused(List<LtxKey> keys) {
		return keys.stream()
			.map((key) -> "<Error><Key>app/0000/" + key.name()
					+ "</Key><Code>Locked</Code><Message>no</Message></Error>")
			.collect(Collectors.joining());
	}

	@Test
	void deletesAgainWhatABatchDidNotConfirm() {
		this.server
			.on("POST", "?delete",
					xml(200, "<DeleteResult><Deleted><Key>app/0000/" + NAME + "</Key></Deleted></DeleteResult>"))
			.on("DELETE", ".ltx", status(204));
		this.storage.delete(keys(3));
		assertThat(this.server.requests("DELETE", ".ltx")).hasSize(2);
	}

	@Test
	void failsWhenADeletionIsForbidden() {
		this.server.on("POST", "?delete", error(403, "AccessDenied"), error(400, "ExpiredToken"))
			.on("DELETE", ".ltx", error(400, "ExpiredToken"));
		assertUnavailable(() -> this.storage.delete(keys(3))).withMessageContainingAll("403 AccessDenied", NAME);
		assertUnavailable(() -> this.storage.delete(keys(3))).withMessageContaining("ExpiredToken");
		assertUnavailable(() -> this.storage.delete(keys(1))).withMessageContaining("ExpiredToken");
		assertThat(this.server.requests("POST", "?delete")).hasSize(2);
	}

	@Test
	void keepsTheInterruptOfAThread() {
		for (Runnable call : List.<Runnable>of(() -> this.storage.list(0), () -> put(10),
				() -> this.storage.read(KEY, 0, 1), () -> this.storage.readMeta("replica.json"))) {
			Thread.currentThread().interrupt();
			assertUnavailable(call::run).withMessageContaining("interrupted");
			assertThat(Thread.interrupted()).isTrue();
		}
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void givesAnUploadUpWhenItsThreadIsInterrupted() throws Exception {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("PUT", "partNumber", this.server.silence())
			.on("DELETE", "uploadId=upload-1", status(204));
		S3ReplicaStorage impatient = storage(this.client, Duration.ofSeconds(2));
		FutureTask<Boolean> task = new FutureTask<>(() -> {
			assertUnavailable(() -> impatient.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[9 * PART])))
				.withMessageContaining("interrupted");
			return Thread.currentThread().isInterrupted();
		});
		Thread thread = new Thread(task);
		thread.start();
		Awaitility.await().until(() -> this.server.requests("PUT", "partNumber").size() == 3);
		thread.interrupt();
		assertThat(task.get(30, TimeUnit.SECONDS)).isTrue();
		assertThat(this.server.requests("DELETE", "uploadId=upload-1")).hasSize(1);
	}

	@Test
	void sendsSeveralPartsAtATimeButNoMore() throws Exception {
		CountDownLatch three = new CountDownLatch(3);
		CountDownLatch go = new CountDownLatch(1);
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", BEGUN)
			.on("POST", "uploadId=", COMPLETED)
			.on("PUT", "partNumber", (exchange) -> {
				three.countDown();
				go.await();
				stored().to(exchange);
			});
		FutureTask<Long> task = new FutureTask<>(
				() -> this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[10 * PART])));
		new Thread(task).start();
		assertThat(three.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(this.server.requests("PUT", "partNumber")).hasSize(3);
		go.countDown();
		assertThat(task.get(30, TimeUnit.SECONDS)).isEqualTo(10 * PART);
		String parts = new String(this.server.requests("POST", "uploadId=").get(0).body(), StandardCharsets.UTF_8);
		assertThat(parts).containsSubsequence(
				LongStream.rangeClosed(1, 10).mapToObj((part) -> "<PartNumber>" + part + "</PartNumber>").toList());
	}

	@Test
	void reportsAClosedClient() {
		S3Client closed = builder().build();
		closed.close();
		assertUnavailable(() -> storage(closed, Duration.ofSeconds(5)).list(0));
	}

	@Test
	void reportsMissingCredentials() {
		try (S3Client nobody = builder().credentialsProvider(() -> {
			throw SdkClientException.create("Unable to load credentials");
		}).build()) {
			assertUnavailable(() -> storage(nobody, Duration.ofSeconds(5)).list(0))
				.withMessageContainingAll("Unable to load credentials", "its credentials");
		}
	}

	private S3ClientBuilder builder() {
		return S3Client.builder()
			.endpointOverride(this.server.endpoint())
			.forcePathStyle(true)
			.region(Region.US_EAST_1)
			.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")));
	}

	private static S3ReplicaStorage storage(S3Client client, Duration timeout) {
		return new S3ReplicaStorage(client, "bucket", "app", new S3Limits(2 * PART, PART, 3, 4, timeout));
	}

	private boolean put(int size) {
		return this.storage.putIfAbsent(KEY, Content.of(bytes(size)), Instant.EPOCH);
	}

	private static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		for (int i = 0; i < size; i++) {
			bytes[i] = (byte) (i * 31);
		}
		return bytes;
	}

	private static List<LtxKey> keys(int count) {
		return LongStream.rangeClosed(1, count)
			.mapToObj((txid) -> new LtxKey(0, LtxFileName.of(new Txid(txid))))
			.toList();
	}

	private static Answer head(String time) {
		return (exchange) -> {
			exchange.getResponseHeaders().add("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
			if (time != null) {
				exchange.getResponseHeaders().add("X-Amz-Meta-Litestream-Timestamp", time);
			}
			exchange.sendResponseHeaders(200, -1);
		};
	}

	private static ThrowableAssertAlternative<StorageUnavailableException> assertUnavailable(ThrowingCallable call) {
		return assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(call);
	}

}
