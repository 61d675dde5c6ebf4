package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;

import javax.sql.DataSource;

import io.awspring.cloud.autoconfigure.s3.S3AesProvider;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.testsupport.EncryptingClients;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.encryption.s3.S3EncryptionClient;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica that is encrypted on the client, by the Amazon S3 Encryption Client as Spring
 * Cloud AWS makes it from a key.
 */
class EncryptionTests {

	private static final String RANGES = "spring.cloud.aws.s3.encryption.enable-legacy-unauthenticated-modes=true";

	@TempDir
	Path first;

	@TempDir
	Path second;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = S3EngineTests.runner(this.first);
	}

	@Test
	void theDatabaseComesBackToWhoHasTheKey() {
		at(this.first, 1).withPropertyValues(RANGES).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(S3Client.class)).isInstanceOf(S3EncryptionClient.class);
			Connections.execute(context.getBean(DataSource.class), "INSERT INTO note (text) VALUES ('secret')");
		});
		at(this.second, 2).withPropertyValues(RANGES)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("give it the key with which this replica was stored"));
		S3EngineTests.at(this.runner, this.second)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("the client that stored it has encrypted it"));
		assertThat(this.second).isEmptyDirectory();
		at(this.second, 1).withPropertyValues(RANGES).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT text FROM note"))
				.isEqualTo("secret");
		});
	}

	@Test
	void whatCannotBeReadInRangesIsRefusedAndSaysWhatToSet() {
		at(this.first, 1).run((context) -> assertThat(context).getFailure()
			.hasStackTraceContaining(ConfigurationException.class.getName())
			.hasStackTraceContaining(RANGES));
		assertThat(this.first).isEmptyDirectory();
	}

	@Test
	void aPlainReplicaIsNotGoneOnWith() {
		S3EngineTests.at(this.runner, this.first).run((context) -> assertThat(context).hasNotFailed());
		at(this.first, 1).withPropertyValues(RANGES)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("set another litestream.replica.url"));
		at(this.first, 1).withPropertyValues(RANGES, "litestream.replica.url=" + url() + "/encrypted")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private String url() {
		return "s3://spring-" + this.first.getFileName().toString().replaceAll("\\D", "");
	}

	private ApplicationContextRunner at(Path folder, int key) {
		return S3EngineTests.at(this.runner, folder)
			.withBean(S3AesProvider.class, () -> () -> EncryptingClients.key(key));
	}

}
