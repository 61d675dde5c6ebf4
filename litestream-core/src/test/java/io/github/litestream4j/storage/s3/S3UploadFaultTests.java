package io.github.litestream4j.storage.s3;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.ScriptedS3.Answer;
import io.github.litestream4j.storage.s3.ScriptedS3.Request;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

import static io.github.litestream4j.storage.s3.ScriptedS3.error;
import static io.github.litestream4j.storage.s3.ScriptedS3.range;
import static io.github.litestream4j.storage.s3.ScriptedS3.status;
import static io.github.litestream4j.storage.s3.ScriptedS3.stored;
import static io.github.litestream4j.storage.s3.ScriptedS3.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Storing where another writer is at work, a part fails, or the thread is interrupted.
 */
class S3UploadFaultTests extends AbstractScriptedS3Tests {

	private static final Answer BEGUN = xml(200,
			"<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>");

	private static final Answer COMPLETED = xml(200,
			"<CompleteMultipartUploadResult><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>");

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

}
