package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.s3.ScriptedS3.Answer;
import io.github.litestream4j.testsupport.EncryptingClients;
import io.github.litestream4j.testsupport.LoopbackServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

import static io.github.litestream4j.storage.s3.ScriptedS3.error;
import static io.github.litestream4j.storage.s3.ScriptedS3.status;
import static io.github.litestream4j.storage.s3.ScriptedS3.stored;
import static io.github.litestream4j.storage.s3.ScriptedS3.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A client that encrypts, where the store fails or says nothing.
 */
class S3EncryptedFaultTests extends AbstractScriptedS3Tests {

	/** A multiple of AES's blocks, as the parts of an encrypted file must be. */
	private static final int ENCRYPTED_PART = 1_024;

	private static final Duration SHORT = Duration.ofMillis(300);

	private S3Client encrypting;

	@BeforeEach
	void encrypt() {
		this.encrypting = EncryptingClients.open(this.server.endpoint(), EncryptingClients.key(1));
	}

	@AfterEach
	void close() {
		this.encrypting.close();
	}

	@Test
	void aRequestEndsWithinItsTime() {
		for (String method : new String[] { "GET", "PUT", "POST", "DELETE" }) {
			this.server.on(method, "", this.server.silence());
		}
		this.server.on("HEAD", "", status(404));
		S3ReplicaStorage storage = encrypted(SHORT);
		assertUnavailable(() -> storage.readMeta("replica.json")).withMessageContaining("300 millis");
		assertUnavailable(() -> storage.read(KEY, 0, 10)).withMessageContaining("300 millis");
		assertUnavailable(() -> storage.putMetaIfAbsent("replica.json", new byte[10]))
			.withMessageContaining("300 millis");
		assertUnavailable(() -> storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[5 * ENCRYPTED_PART])))
			.withMessageContaining("300 millis");
		assertUnavailable(() -> storage.delete(List.of(KEY))).withMessageContaining("300 millis");
	}

	@Test
	void anInterruptEndsAWait() throws Exception {
		this.server.on("GET", "", this.server.silence());
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(50));
		FutureTask<Boolean> task = new FutureTask<>(() -> {
			assertUnavailable(() -> storage.readMeta("replica.json")).withMessageContaining("interrupted");
			return Thread.currentThread().isInterrupted();
		});
		Thread thread = new Thread(task);
		thread.start();
		Awaitility.await().until(() -> !this.server.requests("GET", "").isEmpty());
		thread.interrupt();
		assertThat(task.get(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whatTheStoreSaysIsWhatIsTold() {
		this.server.on("PUT", "", error(412, "PreconditionFailed"), error(403, "AccessDenied"))
			.on("GET", "", error(403, "AccessDenied"), error(404, "NoSuchKey"));
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(20));
		assertThat(storage.putIfAbsent(KEY, Content.of(bytes(10)), Instant.EPOCH)).isFalse();
		assertUnavailable(() -> storage.putIfAbsent(KEY, Content.of(bytes(10)), Instant.EPOCH))
			.withMessageContainingAll("403 AccessDenied", "s3:PutObject");
		assertUnavailable(() -> storage.readMeta("replica.json")).withMessageContaining("403 AccessDenied");
		assertThat(storage.readMeta("replica.json")).isEmpty();
	}

	@Test
	void partsAreSentOneAfterTheOtherAndTheUploadGivenUpWhenOneFails() {
		this.server.on("HEAD", NAME, status(404))
			.on("POST", "uploads", xml(200,
					"<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>"))
			.on("POST", "uploadId",
					xml(200, "<CompleteMultipartUploadResult><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>"))
			.on("PUT", "partNumber=3", stored(), error(403, "AccessDenied"))
			.on("PUT", "partNumber", stored())
			.on("DELETE", "uploadId=upload-1", status(204));
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(20));
		int length = 5 * ENCRYPTED_PART + 7;
		assertThat(storage.putIfAbsent(KEY, Content.of(bytes(length)), Instant.EPOCH)).isTrue();
		assertThat(this.server.requests("PUT", "partNumber"))
			.extracting((request) -> request.uri().replaceAll(".*partNumber=(\\d+).*", "$1"))
			.containsExactly("1", "2", "3", "4", "5", "6");
		assertThat(this.server.requests("POST", "uploadId")).singleElement()
			.satisfies((request) -> assertThat(request.headers()).containsEntry("If-None-Match", "*"));
		assertUnavailable(() -> storage.putIfAbsent(KEY, Content.of(bytes(length)), Instant.EPOCH))
			.withMessageContaining("part 3 of");
		assertThat(this.server.requests("POST", "uploadId")).hasSize(1);
		assertThat(this.server.requests("DELETE", "uploadId=upload-1")).hasSize(1);
	}

	@Test
	void aFileIsEncryptedAnewForAnotherTry() {
		List<String> keys = new CopyOnWriteArrayList<>();
		try (LoopbackServer cutting = new LoopbackServer((exchange) -> {
			if (exchange.getRequestMethod().equals("HEAD")) {
				status(404).to(exchange);
				return;
			}
			// The SDK asks again before it finds that it has nothing to send
			if (exchange.getRequestBody().readNBytes(100_000).length < 100_000) {
				throw new IOException("nothing is sent");
			}
			keys.add(exchange.getRequestHeaders().getFirst("x-amz-meta-x-amz-3"));
			if (keys.size() == 1) {
				throw new IOException("the connection is cut");
			}
			exchange.getRequestBody().readAllBytes();
			stored().to(exchange);
		}); S3Client client = EncryptingClients.open(cutting.endpoint(), EncryptingClients.key(1))) {
			S3ReplicaStorage storage = new S3ReplicaStorage(client, "bucket", "app");
			byte[] content = bytes(4_000_000);
			assertThat(storage.put(KEY, Instant.EPOCH, (out) -> out.write(content))).isEqualTo(content.length);
			assertThat(keys).hasSize(2).doesNotHaveDuplicates().doesNotContainNull();
			keys.clear();
			assertThat(storage.putIfAbsent(KEY, Content.of(content), Instant.EPOCH)).isTrue();
			assertThat(keys).hasSize(2).doesNotHaveDuplicates().doesNotContainNull();
		}
	}

	@Test
	void noEmptyObjectIsStored() {
		this.server.on("HEAD", "checksums", (exchange) -> {
			exchange.getResponseHeaders().add("Content-Length", "32");
			exchange.sendResponseHeaders(200, -1);
		}).on("PUT", "", stored());
		encrypted(Duration.ofSeconds(20)).put(KEY, Instant.EPOCH, (out) -> out.write(1));
		assertThat(this.server.requests("PUT", "checksums")).singleElement()
			.satisfies((request) -> assertThat(request.headers()).containsEntry("x-amz-decoded-content-length", "17"));
	}

	@Test
	void anEmptyFileIsRefusedAndNotWaitedFor() {
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(20));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> storage.putIfAbsent(KEY, Content.of(new byte[0]), Instant.EPOCH));
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void whatTheStoreSaysOfAnUploadIsWhatIsTold() {
		this.server.on("HEAD", "", status(404))
			.on("POST", "uploads", xml(200,
					"<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>"))
			.on("PUT", "", error(503, "SlowDown"))
			.on("DELETE", "uploadId=upload-1", status(204));
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(20));
		for (int length : new int[] { 10, 5 * ENCRYPTED_PART }) {
			assertUnavailable(() -> storage.put(KEY, Instant.EPOCH, (out) -> out.write(bytes(length))))
				.withMessageContaining("Status Code: 503")
				.withMessageNotContaining("check the key");
			assertUnavailable(() -> storage.putIfAbsent(KEY, Content.of(bytes(length)), Instant.EPOCH))
				.withMessageContaining("Status Code: 503")
				.withMessageNotContaining("check the key");
		}
	}

	@Test
	void anInterruptEndsAReadOfAStream() throws Exception {
		Captured stored = new Captured();
		this.server.on("PUT", NAME, stored).on("GET", NAME, stored.halfOf(this.server.silence()));
		S3ReplicaStorage storage = encrypted(Duration.ofSeconds(20));
		assertThat(storage.putIfAbsent(KEY, Content.of(bytes(1_000)), Instant.EPOCH)).isTrue();
		FutureTask<Boolean> task = new FutureTask<>(() -> {
			try (InputStream in = storage.read(KEY, 0, 1_000)) {
				assertUnavailable(in::readAllBytes).withMessageContaining("interrupted");
				return Thread.currentThread().isInterrupted();
			}
		});
		Thread thread = new Thread(task);
		thread.start();
		Awaitility.await().until(() -> isIn(thread, "blockingTransferTo") && thread.getState() == Thread.State.WAITING);
		thread.interrupt();
		assertThat(task.get(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aRangeThatIsNotTheWantedOneIsAnError() {
		this.server.on("GET", "", (exchange) -> {
			exchange.sendResponseHeaders(200, 100);
			exchange.getResponseBody().write(new byte[100]);
		});
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> {
			try (InputStream in = encrypted(Duration.ofSeconds(20)).read(KEY, 40, 10)) {
				in.readAllBytes();
			}
		});
	}

	@Test
	void aStreamThatStallsEndsWithTheTimeOutOfItsClient() {
		SdkAsyncHttpClient impatient = NettyNioAsyncHttpClient.builder().readTimeout(SHORT).build();
		try (S3Client client = EncryptingClients.builder(this.server.endpoint(), EncryptingClients.key(1))
			.wrappedAsyncClient(EncryptingClients.async(this.server.endpoint(), impatient))
			.enableLegacyUnauthenticatedModes(true)
			.build(); impatient) {
			Captured stored = new Captured();
			this.server.on("PUT", NAME, stored).on("GET", NAME, stored.halfOf(this.server.silence()));
			S3ReplicaStorage storage = encrypted(client, Duration.ofSeconds(20));
			assertThat(storage.putIfAbsent(KEY, Content.of(bytes(1_000)), Instant.EPOCH)).isTrue();
			assertThat(catchThrowable(() -> {
				try (InputStream in = storage.read(KEY, 0, 1_000)) {
					in.readAllBytes();
				}
			})).isInstanceOfAny(IOException.class, StorageUnavailableException.class)
				.hasStackTraceContaining("ReadTimeoutException");
		}
	}

	private static boolean isIn(Thread thread, String method) {
		return Stream.of(thread.getStackTrace()).anyMatch((frame) -> frame.getMethodName().equals(method));
	}

	private S3ReplicaStorage encrypted(Duration timeout) {
		return encrypted(this.encrypting, timeout);
	}

	private static S3ReplicaStorage encrypted(S3Client client, Duration timeout) {
		return new S3ReplicaStorage(client, "bucket", "app",
				new S3Limits(2 * ENCRYPTED_PART, ENCRYPTED_PART, 3, 4, timeout));
	}

	/**
	 * Keeps an object, and gives back the first half of it.
	 */
	private static final class Captured implements Answer {

		private final Map<String, String> metadata = new HashMap<>();

		@Override
		public void to(HttpExchange exchange) throws IOException, InterruptedException {
			exchange.getRequestHeaders().forEach((name, values) -> {
				if (name.toLowerCase(Locale.ROOT).startsWith("x-amz-meta-")) {
					this.metadata.put(name, values.get(0));
				}
			});
			stored().to(exchange);
		}

		Answer halfOf(Answer after) {
			return (exchange) -> {
				this.metadata.forEach(exchange.getResponseHeaders()::add);
				exchange.getResponseHeaders().add("Content-Range", "bytes 0-1015/1016");
				exchange.sendResponseHeaders(206, 1_016);
				exchange.getResponseBody().write(new byte[500]);
				exchange.getResponseBody().flush();
				after.to(exchange);
			};
		}

	}

}
