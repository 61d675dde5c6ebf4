package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.awspring.cloud.autoconfigure.core.AwsAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.CredentialsProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.RegionProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.s3.S3AutoConfiguration;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.context.properties.ConfigurationPropertiesReportEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.env.EnvironmentEndpointAutoConfiguration;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Neither the log, at its most talkative, nor the actuator shows a secret.
 */
@ExtendWith(OutputCaptureExtension.class)
class CredentialsTests {

	private static final String REGION = "--spring.cloud.aws.region.static=us-east-1";

	private static final String SECRET = "tell-nobody";

	@TempDir
	Path folder;

	@AfterEach
	void quieten() {
		LoggingSystem.get(getClass().getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.INFO);
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3://id:tell-nobody@bucket/app", "s3://id:tell/nobody-tell-nobody@bucket/app",
			"s3://bucket/app?access-key-id=id&secret-access-key=tell-nobody", "s3:id:tell-nobody@bucket",
			"https://id:tell-nobody@host/app", "tell-nobody@bucket" })
	void aUrlWithCredentialsStopsTheStartAndIsNotShown(String url, CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("--litestream.replica.url=" + url, REGION).close());
		assertThat(output).contains("APPLICATION FAILED TO START").contains("The replica's URL").doesNotContain(SECRET);
	}

	@Test
	void keysOfTheS3ClientAreNotShown(CapturedOutput output) {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("credentials");
		try (ConfigurableApplicationContext context = start("--litestream.replica.url=s3://" + bucket + "/app",
				"--spring.cloud.aws.credentials.access-key=any", "--spring.cloud.aws.credentials.secret-key=" + SECRET,
				REGION, "--spring.cloud.aws.s3.endpoint=" + server.endpoint(),
				"--spring.cloud.aws.s3.path-style-access-enabled=true")) {
			Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
			LitestreamDatabases databases = context.getBean(LitestreamDatabases.class);
			databases.sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			assertThat(context.getBean(LitestreamEndpoint.class).databases().toString()).contains("s3://" + bucket)
				.doesNotContain(SECRET);
			assertThat(shown(context)).anySatisfy((text) -> assertThat(text).contains("secret"))
				.noneSatisfy((text) -> assertThat(text).contains(SECRET));
		}
		assertThat(output).contains("DEBUG").doesNotContain(SECRET);
	}

	@ParameterizedTest
	@ValueSource(strings = { "--litestream.replica.url=", "--litestream.databases.dataSource.replica.url=",
			"--LITESTREAM_REPLICA_URL=" })
	void aUrlThatIsNotUsedIsNotShown(String key, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(key + "s3://id:" + SECRET + "@bucket/app",
				"--litestream.enabled=false", "--management.endpoint.env.show-values=always",
				"--management.endpoint.configprops.show-values=always")) {
			assertThat(shown(context)).noneSatisfy((text) -> assertThat(text).contains(SECRET));
		}
		assertThat(output).contains("DEBUG").doesNotContain(SECRET);
	}

	@Test
	void aUrlWithoutCredentialsIsShownToWhomEverythingIs() {
		String url = "file:" + this.folder.resolve("replica");
		try (ConfigurableApplicationContext context = start("--litestream.replica.url=" + url,
				"--management.endpoint.env.show-values=always",
				"--management.endpoint.configprops.show-values=always")) {
			assertThat(shown(context)).allSatisfy((text) -> assertThat(text).contains(url));
		}
	}

	private ConfigurableApplicationContext start(String... arguments) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run(Stream.concat(Stream.of("--debug", "--logging.level.root=debug",
					"--spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"--management.endpoints.access.default=unrestricted", "--spring.jmx.enabled=true",
					"--management.endpoints.web.exposure.include=*", "--management.endpoints.jmx.exposure.include=*"),
					Stream.of(arguments))
				.toArray(String[]::new));
	}

	/** What the endpoints {@code env} and {@code configprops} say. */
	private static List<String> shown(ConfigurableApplicationContext context) {
		EnvironmentEndpoint env = context.getBean(EnvironmentEndpoint.class);
		ConfigurationPropertiesReportEndpoint configprops = context
			.getBean(ConfigurationPropertiesReportEndpoint.class);
		return List.of(
				env.environment(null)
					.getPropertySources()
					.stream()
					.map((source) -> source.getProperties()
						.entrySet()
						.stream()
						.map((property) -> property.getKey() + "=" + property.getValue().getValue())
						.toList())
					.toList()
					.toString(),
				configprops.configurationProperties()
					.getContexts()
					.values()
					.stream()
					.flatMap((each) -> each.getBeans().values().stream())
					.map((bean) -> Map.of("properties", bean.getProperties(), "inputs", bean.getInputs()))
					.toList()
					.toString());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, AwsAutoConfiguration.class,
			CredentialsProviderAutoConfiguration.class, RegionProviderAutoConfiguration.class,
			S3AutoConfiguration.class, LitestreamAutoConfiguration.class, LitestreamEndpointAutoConfiguration.class,
			LitestreamSanitizingAutoConfiguration.class, EnvironmentEndpointAutoConfiguration.class,
			ConfigurationPropertiesReportEndpointAutoConfiguration.class })
	static class Application {

	}

}
