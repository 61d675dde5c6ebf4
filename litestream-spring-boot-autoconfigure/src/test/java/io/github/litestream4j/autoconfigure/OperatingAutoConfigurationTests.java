package io.github.litestream4j.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.jmx.JmxEndpointAutoConfiguration;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The endpoint, the health and the meters of an application with the real engine and a
 * replica in a folder.
 */
class OperatingAutoConfigurationTests {

	private static final List<String> METRICS = List.of("litestream.lag", "litestream.lag.transactions",
			"litestream.txid", "litestream.replicated.txid", "litestream.database.size", "litestream.wal.size",
			"litestream.staging.size", "litestream.sync", "litestream.checkpoint", "litestream.snapshot",
			"litestream.compaction", "litestream.restore", "litestream.verification", "litestream.wal.bytes",
			"litestream.storage.requests", "litestream.storage.bytes", "litestream.generations", "litestream.errors",
			"litestream.status", "litestream.verification.age", "litestream.verification.passed");

	@TempDir
	Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class,
							LitestreamEndpointAutoConfiguration.class, LitestreamHealthAutoConfiguration.class,
							LitestreamMetricsAutoConfiguration.class, MetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"litestream.replica.url=file:" + this.folder.resolve("replica"),
					"management.endpoints.web.exposure.include=litestream");
	}

	@Test
	void eachMetricOfTheDesignIsThereWithItsDatabase() {
		this.runner.run((context) -> {
			Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
			LitestreamDatabases databases = context.getBean(LitestreamDatabases.class);
			databases.sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			Set<String> names = registry.getMeters()
				.stream()
				.map((meter) -> meter.getId().getName())
				.filter((name) -> name.startsWith("litestream"))
				.collect(Collectors.toSet());
			assertThat(names).containsExactlyInAnyOrderElementsOf(METRICS);
			assertThat(registry.getMeters().stream().filter((meter) -> names.contains(meter.getId().getName())))
				.allSatisfy((meter) -> assertThat(meter.getId().getTag("database")).isEqualTo("dataSource"));
			assertThat(registry.get("litestream.generations").tag("reason", "first-start").counter().count()).isOne();
			assertThat(registry.get("litestream.sync").timer().count()).isPositive();
			assertThat(registry.get("litestream.wal.bytes").counter().count()).isPositive();
			assertThat(registry.get("litestream.lag").timeGauge().value(TimeUnit.SECONDS)).isZero();
			assertThat(registry.get("litestream.replicated.txid").gauge().value())
				.isEqualTo(databases.status("dataSource").txid().value());
			assertThat(registry.get("litestream.storage.requests")
				.tags("operation", "list", "outcome", "success")
				.counter()).as("made before there was a registry")
				.satisfies((counter) -> assertThat(counter.count()).isPositive());
		});
	}

	@Test
	void allIsCountedThoughNobodyHasAskedForTheRegistry() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
				context.getBean(LitestreamDatabases.class).sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.get("litestream.sync").timer().count()).isPositive();
				assertThat(registry.get("litestream.generations").counter().count()).isOne();
			});
	}

	@Test
	void theRegistryOfAClosedChildIsLetGoWhenTheNextOneComes() {
		this.runner.run((context) -> {
			MeterRegistry former = closedChild(context);
			Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
			context.getBean(LitestreamDatabases.class).sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			closedChild(context);
			double bytes = former.get("litestream.wal.bytes").counter().count();
			Connections.execute(context.getBean(DataSource.class), "INSERT INTO t VALUES (1)");
			context.getBean(LitestreamDatabases.class).sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			assertThat(former.get("litestream.wal.bytes").counter().count()).isEqualTo(bytes);
		});
	}

	private static MeterRegistry closedChild(ApplicationContext context) {
		try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
			child.setParent(context);
			child.register(Child.class);
			child.refresh();
			return child.getBean("childRegistry", MeterRegistry.class);
		}
	}

	@Test
	void aRestoreBeforeThereIsARegistryIsCounted() {
		this.runner.run((context) -> Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)"));
		loseTheMachine();
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("litestream.restore").timer().count()).isOne();
			assertThat(registry.get("litestream.restore").timer().totalTime(TimeUnit.NANOSECONDS)).isPositive();
			assertThat(registry.get("litestream.storage.bytes").tag("direction", "received").counter().count())
				.isPositive();
		});
	}

	@Test
	void aDrillIsCountedAndItsResultIsKept() {
		this.runner.run((context) -> {
			Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("litestream.verification.passed").gauge().value()).isNaN();
			context.getBean(LitestreamDatabases.class).verify("dataSource", LitestreamEndpoint.LONG_TIMEOUT);
			assertThat(registry.get("litestream.verification.passed").gauge().value()).isOne();
			assertThat(registry.get("litestream.verification.age").timeGauge().value(TimeUnit.SECONDS)).isPositive();
			Awaitility.await().until(() -> registry.get("litestream.verification").timer().count() == 1);
		});
		this.runner.run((context) -> assertThat(
				context.getBean(MeterRegistry.class).get("litestream.verification.passed").gauge().value())
			.as("that of the former process")
			.isOne());
	}

	@Test
	void oneHealthComponentADatabase() {
		this.runner.run((context) -> {
			CompositeHealthContributor health = context.getBean("litestreamHealthContributor",
					CompositeHealthContributor.class);
			assertThat(health.getContributor("dataSource")).isInstanceOfSatisfying(HealthIndicator.class,
					(indicator) -> assertThat(indicator.health().getStatus()).isEqualTo(Status.UP));
		});
		this.runner.withPropertyValues("management.health.litestream.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("litestreamHealthContributor"));
	}

	@Test
	void theEndpointIsThereWhenItIsExposed() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(LitestreamEndpoint.class)
				.hasSingleBean(LitestreamEndpointWebExtension.class);
			context.getBean(LitestreamDatabases.class).sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			LitestreamEndpoint endpoint = context.getBean(LitestreamEndpoint.class);
			assertThat(endpoint.databases().databases()).containsOnlyKeys("dataSource");
			assertThat(endpoint.database("other")).isNull();
			assertThat(endpoint.contents("dataSource", "generations", null)).hasSize(1);
			assertThat(endpoint.contents("dataSource", "generations", true))
				.isEqualTo(endpoint.contents("dataSource", "generations", false));
		});
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=health")
			.run((context) -> assertThat(context).doesNotHaveBean(LitestreamEndpoint.class));
	}

	@Test
	void allGenerationsAreKnownWithoutAskingAfterARestart() {
		this.runner.run((context) -> Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)"));
		this.runner.run((context) -> {
			Connections.execute(context.getBean(DataSource.class), "INSERT INTO t VALUES (1)");
			context.getBean(LitestreamDatabases.class).sync("dataSource", LitestreamEndpoint.SYNC_TIMEOUT);
			LitestreamEndpoint endpoint = context.getBean(LitestreamEndpoint.class);
			assertThat(endpoint.contents("dataSource", "generations", null)).hasSize(1)
				.isEqualTo(endpoint.contents("dataSource", "generations", true));
			assertThat(endpoint.contents("dataSource", "snapshots", null)).hasSize(1);
		});
	}

	@Test
	void aDamagedRecordOfAGenerationIsNamed() throws Exception {
		this.runner.run((context) -> Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)"));
		Files.writeString(this.folder.resolve("replica/meta/generations/0000000000000001.json"), "{");
		this.runner.run((context) -> {
			LitestreamEndpoint endpoint = context.getBean(LitestreamEndpoint.class);
			for (boolean refresh : new boolean[] { false, true }) {
				assertThat(endpoint.contents("dataSource", "generations", refresh)).asString()
					.contains("firstTxid=0000000000000001")
					.contains("meta/generations/0000000000000001.json in file:" + this.folder.resolve("replica"));
			}
			assertThat(endpoint.contents("dataSource", "snapshots", true)).hasSize(1);
		});
	}

	@Test
	void theEndpointIsInJmx() {
		this.runner
			.withConfiguration(AutoConfigurations.of(JmxAutoConfiguration.class, EndpointAutoConfiguration.class,
					JmxEndpointAutoConfiguration.class))
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=litestream",
					"management.endpoint.litestream.access=UNRESTRICTED")
			.run((context) -> {
				Connections.execute(context.getBean(DataSource.class), "CREATE TABLE t (a)");
				MBeanServer server = context.getBean(MBeanServer.class);
				ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Litestream");
				assertThat(server.invoke(name, "databases", new Object[0], new String[0])).asString()
					.contains("dataSource");
				assertThat(server.invoke(name, "perform", new Object[] { "dataSource", "sync" },
						new String[] { "java.lang.String", "java.lang.String" }))
					.asString()
					.contains("txid");
			});
	}

	@Test
	void nothingOfItIsNeeded() {
		for (Class<?> absent : List.of(MeterRegistry.class, ConditionalOnAvailableEndpoint.class,
				ConditionalOnEnabledHealthIndicator.class)) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
						LitestreamAutoConfiguration.class, LitestreamEndpointAutoConfiguration.class,
						LitestreamHealthAutoConfiguration.class, LitestreamMetricsAutoConfiguration.class))
				.withClassLoader(new FilteredClassLoader(absent))
				.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
						"litestream.replica.url=file:" + this.folder.resolve("replica"))
				.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LitestreamDatabases.class));
		}
	}

	@Test
	void nothingIsThereWhenNothingIsReplicated() {
		this.runner.withPropertyValues("litestream.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LitestreamEndpoint.class)
				.doesNotHaveBean(LitestreamMetrics.class)
				.doesNotHaveBean("litestreamHealthContributor"));
	}

	private void loseTheMachine() {
		FileSystemUtils.deleteRecursively(this.folder.resolve("app.db").toFile());
		FileSystemUtils.deleteRecursively(this.folder.resolve("app.db-wal").toFile());
		FileSystemUtils.deleteRecursively(this.folder.resolve("app.db-shm").toFile());
		FileSystemUtils.deleteRecursively(this.folder.resolve(".app.db-litestream").toFile());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, LitestreamMetricsAutoConfiguration.class,
			MetricsAutoConfiguration.class })
	static class Child {

		@Bean
		@Primary
		SimpleMeterRegistry childRegistry() {
			return new SimpleMeterRegistry();
		}

	}

}
