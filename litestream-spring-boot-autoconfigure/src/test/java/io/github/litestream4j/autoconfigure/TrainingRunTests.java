package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.testsupport.ChildProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run that only trains an image of the application (CDS, AOT cache) makes all beans, on
 * a build machine: it must not reach for the replica, and leave nothing behind.
 */
class TrainingRunTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "s3://bucket/app", "file:replica" })
	void touchesNothing(String replica) {
		Path log = this.folder.resolve("log");
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		try (ChildProcess process = ChildProcess.startJava(List.of("-XX:TieredStopAtLevel=1",
				"-Dspring.context.exit=onRefresh", "-cp", classPath, TrainingRunTests.class.getName(),
				"--spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
				"--litestream.replica.url=" + replica, "--management.endpoints.web.exposure.include=litestream",
				"--logging.level.root=warn"), Map.of(), this.folder, log)) {
			assertThat(process.await(Duration.ofSeconds(60))).as(() -> process.output()).isZero();
			assertThat(process.output()).contains("all beans are made").doesNotContain("thread:");
		}
		assertThat(this.folder.toFile().list()).containsExactly("log");
	}

	/**
	 * The application that is trained.
	 * @param arguments its properties
	 */
	public static void main(String[] arguments) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.run(arguments);
		throw new IllegalStateException("not reached: the context exits when it is refreshed");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class,
			LitestreamEndpointAutoConfiguration.class, LitestreamHealthAutoConfiguration.class,
			MetricsAutoConfiguration.class, LitestreamMetricsAutoConfiguration.class })
	static class Application {

		@Bean
		S3Client s3Client() {
			// Whatever it is asked for fails
			return new S3Client() {

				@Override
				public String serviceName() {
					return "s3";
				}

				@Override
				public void close() {
				}

			};
		}

		@Bean
		SimpleMeterRegistry registry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		SmartInitializingSingleton last(LitestreamEndpoint endpoint, CompositeHealthContributor health,
				MeterRegistry registry, LitestreamMetrics metrics) {
			return () -> {
				assertThat(endpoint.databases().databases()).isEmpty();
				assertThat(health.stream()).isEmpty();
				metrics.bindTo(registry);
				Thread.getAllStackTraces()
					.keySet()
					.stream()
					.filter((thread) -> thread.getName().startsWith("litestream"))
					.forEach((thread) -> System.out.println("thread: " + thread));
				System.out.println("all beans are made");
			};
		}

	}

}
