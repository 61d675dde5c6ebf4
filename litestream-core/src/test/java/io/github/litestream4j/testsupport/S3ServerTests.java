package io.github.litestream4j.testsupport;

import java.net.URI;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class S3ServerTests {

	@Test
	void keepsObjectsAndPortOverARestart(@TempDir Path folder) {
		try (S3Server server = S3Server.in(folder).start(); S3Client client = client(server, "some", "thing")) {
			server.createBucket("bucket");
			client.putObject((request) -> request.bucket("bucket").key("app/0000/a.ltx"),
					RequestBody.fromString("kept"));
			URI before = server.endpoint();
			server.stop();
			assertThatExceptionOfType(SdkException.class).isThrownBy(() -> read(client));
			server.start();
			assertThat(server.endpoint()).isEqualTo(before);
			assertThat(read(client)).isEqualTo("kept");
		}
	}

	@Test
	void refusesOtherKeys(@TempDir Path folder) {
		try (S3Server server = S3Server.in(folder, "key", "secret").start();
				S3Client good = client(server, "key", "secret");
				S3Client bad = client(server, "key", "wrong")) {
			server.createBucket("bucket");
			good.putObject((request) -> request.bucket("bucket").key("app/0000/a.ltx"), RequestBody.fromString("mine"));
			assertThat(read(good)).isEqualTo("mine");
			assertThatExceptionOfType(S3Exception.class).isThrownBy(() -> read(bad))
				.satisfies((ex) -> assertThat(ex.statusCode()).isEqualTo(403));
		}
	}

	@Test
	void storesOnlyIfAbsentWhenAsked() {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("if-absent");
		try (S3Client client = client(server, server.accessKey(), server.secretKey())) {
			client.putObject((request) -> request.bucket(bucket).key("one").ifNoneMatch("*"),
					RequestBody.fromString("1"));
			assertThatExceptionOfType(S3Exception.class)
				.isThrownBy(() -> client.putObject((request) -> request.bucket(bucket).key("one").ifNoneMatch("*"),
						RequestBody.fromString("2")))
				.satisfies((ex) -> assertThat(ex.statusCode()).isEqualTo(412));
		}
	}

	private static String read(S3Client client) {
		return client.getObjectAsBytes((request) -> request.bucket("bucket").key("app/0000/a.ltx")).asUtf8String();
	}

	private static S3Client client(S3Server server, String accessKey, String secretKey) {
		return S3Server.clientBuilder(server.endpoint(), accessKey, secretKey).build();
	}

}
