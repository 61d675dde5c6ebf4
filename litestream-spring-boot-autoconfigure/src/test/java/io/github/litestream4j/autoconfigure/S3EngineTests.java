package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;

import javax.sql.DataSource;

import io.awspring.cloud.autoconfigure.core.AwsAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.CredentialsProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.RegionProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.s3.S3AutoConfiguration;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole way to an S3 server and back, through the {@code S3Client} that Spring Cloud
 * AWS makes.
 */
class S3EngineTests {

	@TempDir
	Path first;

	@TempDir
	Path second;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = runner(this.first);
	}

	/** An application whose replica is in a bucket named after its folder. */
	static ApplicationContextRunner runner(Path folder) {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("spring-" + folder.getFileName().toString().replaceAll("\\D", ""));
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, AwsAutoConfiguration.class,
					CredentialsProviderAutoConfiguration.class, RegionProviderAutoConfiguration.class,
					S3AutoConfiguration.class, LitestreamAutoConfiguration.class, FlywayAutoConfiguration.class))
			.withPropertyValues("spring.cloud.aws.region.static=us-east-1",
					"spring.cloud.aws.credentials.access-key=any", "spring.cloud.aws.credentials.secret-key=any-secret",
					"spring.cloud.aws.s3.endpoint=" + server.endpoint(),
					"spring.cloud.aws.s3.path-style-access-enabled=true",
					"litestream.replica.url=s3://" + bucket + "/app");
	}

	@Test
	void bringsBackWhatWasWrittenUntilTheVeryEnd() {
		at(this.first).withUserConfiguration(RealEngineTests.LastWords.class).run((context) -> {
			assertThat(context).hasNotFailed();
			for (int i = 0; i < 20; i++) {
				Connections.execute(context.getBean(DataSource.class), "INSERT INTO note (text) VALUES ('" + i + "')");
			}
		});
		at(this.second).run((context) -> {
			assertThat(context).hasNotFailed();
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(Connections.query(dataSource, "SELECT count(*) FROM note")).isEqualTo("20");
			assertThat(Connections.query(dataSource, "SELECT text FROM last_words")).isEqualTo("bye");
			assertThat(Connections.query(dataSource, "SELECT count(*) FROM flyway_schema_history")).isEqualTo("1");
			assertThat(context.getBeanFactory().getDependentBeans(context.getBeanNamesForType(S3Client.class)[0]))
				.contains(DatabaseSessions.BEAN_NAME);
		});
	}

	@Test
	void doesNotStartOnAnEmptyDatabaseWhenTheReplicaCannotBeListed() {
		at(this.first).withPropertyValues("spring.cloud.aws.s3.endpoint=http://localhost:1")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(StorageUnavailableException.class.getName()));
		at(this.first).withPropertyValues("litestream.replica.url=s3://no-such-bucket/app")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("no-such-bucket"));
		assertThat(this.first.resolve("app.db")).doesNotExist();
	}

	private ApplicationContextRunner at(Path folder) {
		return at(this.runner, folder);
	}

	static ApplicationContextRunner at(ApplicationContextRunner runner, Path folder) {
		return runner.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + folder.resolve("app.db"));
	}

}
