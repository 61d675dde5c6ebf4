package io.github.litestream4j.storage.s3;

import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.s3.ScriptedS3.Answer;
import io.github.litestream4j.testsupport.S3Server;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A storage whose server answers by a script.
 */
@Timeout(60)
abstract class AbstractScriptedS3Tests {

	static final LtxKey KEY = new LtxKey(0, LtxFileName.of(Txid.FIRST));

	static final String NAME = "0000000000000001-0000000000000001.ltx";

	static final int PART = 1_000;

	ScriptedS3 server;

	S3Client client;

	S3ReplicaStorage storage;

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

	S3ClientBuilder builder() {
		return S3Server.clientBuilder(this.server.endpoint(), "key", "secret");
	}

	static S3ReplicaStorage storage(S3Client client, Duration timeout) {
		return new S3ReplicaStorage(client, "bucket", "app", new S3Limits(2 * PART, PART, 3, 4, timeout));
	}

	boolean put(int size) {
		return this.storage.putIfAbsent(KEY, Content.of(bytes(size)), Instant.EPOCH);
	}

	static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		for (int i = 0; i < size; i++) {
			bytes[i] = (byte) (i * 31);
		}
		return bytes;
	}

	static Answer head(String time) {
		return (exchange) -> {
			exchange.getResponseHeaders().add("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
			if (time != null) {
				exchange.getResponseHeaders().add("X-Amz-Meta-Litestream-Timestamp", time);
			}
			exchange.sendResponseHeaders(200, -1);
		};
	}

	static ThrowableAssertAlternative<StorageUnavailableException> assertUnavailable(ThrowingCallable call) {
		return assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(call);
	}

}
