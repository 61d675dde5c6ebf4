package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.ScriptedS3.Request;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;

import static io.github.litestream4j.storage.s3.ScriptedS3.error;
import static io.github.litestream4j.storage.s3.ScriptedS3.listing;
import static io.github.litestream4j.storage.s3.ScriptedS3.range;
import static io.github.litestream4j.storage.s3.ScriptedS3.status;
import static io.github.litestream4j.storage.s3.ScriptedS3.xml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Listing, reading and deleting where the server fails or answers strangely.
 */
class S3ReplicaStorageFaultTests extends AbstractScriptedS3Tests {

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

	private static List<LtxKey> keys(int count) {
		return LongStream.rangeClosed(1, count)
			.mapToObj((txid) -> new LtxKey(0, LtxFileName.of(new Txid(txid))))
			.toList();
	}

}
