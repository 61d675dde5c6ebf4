package io.github.litestream4j.autoconfigure;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ltx.Txid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * When the engine is opened, started, stopped and closed, and that it is always closed.
 */
@ExtendWith(OutputCaptureExtension.class)
class LifecycleTests extends AbstractFakeEngineTests {

	@Test
	void stopsAfterEveryOtherLifecycleAndClosesAfterThePool() {
		withUrl()
			.withBean(Recorder.class, () -> new Recorder(this.engine),
					(definition) -> definition.setDependsOn("dataSource"))
			.run((context) -> {
				HikariDataSource pool = context.getBean(HikariDataSource.class);
				context.close();
				assertThat(pool.isClosed()).isTrue();
			});
		assertThat(this.engine.events).containsExactly("open dataSource", "start dataSource", "others start",
				"others stop", "stop dataSource within PT20S", "others destroy, pool is open",
				"close dataSource within PT5S");
	}

	@Test
	void boundsBothSyncsByTheShutdownTimeout() {
		withUrl().withPropertyValues("litestream.shutdown-timeout=3s").run((context) -> context.close());
		assertThat(this.engine.events).endsWith("stop dataSource within PT3S", "close dataSource within PT3S");
	}

	@Test
	void warnsWhenNotEverythingWasStored(CapturedOutput output) {
		this.engine.slow = true;
		withUrl().run((context) -> context.close());
		assertThat(output).contains("Not every commit was stored in time");
	}

	@Test
	void doesNotWaitForASyncThatHangs(CapturedOutput output) {
		this.engine.together = new CyclicBarrier(2);
		withUrl().withPropertyValues("litestream.shutdown-timeout=10ms").run((context) -> context.close());
		assertThat(output).contains("the shutdown does not wait for it");
		assertThat(this.engine.events).last().isEqualTo("close dataSource within PT0.01S");
		// Other tests look for threads that are left behind
		this.engine.together.reset();
		Awaitility.await()
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("litestream-stop")));
	}

	@Test
	void goesOnAfterAPause() {
		withUrl().run((context) -> {
			context.stop();
			assertThat(context.getBean(DatabaseSessions.class).isRunning()).isFalse();
			context.start();
			assertThat(context.getBean(DatabaseSessions.class).isRunning()).isTrue();
			context.getBean(DatabaseSessions.class).start();
		});
		assertThat(this.engine.events).containsExactly("open dataSource", "start dataSource",
				"stop dataSource within PT20S", "start dataSource", "stop dataSource within PT20S",
				"close dataSource within PT5S");
	}

	@Test
	void noDrillIsMissedForAPause() {
		withUrl().withConfiguration(AutoConfigurations.of(LitestreamHealthAutoConfiguration.class))
			.withPropertyValues("litestream.verification.interval=1s")
			.run((context) -> {
				HealthIndicator health = (HealthIndicator) Objects
					.requireNonNull(context.getBean("litestreamHealthContributor", CompositeHealthContributor.class)
						.getContributor("dataSource"));
				context.stop();
				// The engine of this test never runs a drill, and says that it goes on
				Awaitility.await().until(() -> health.health().getStatus().equals(Status.OUT_OF_SERVICE));
				context.start();
				assertThat(health.health().getStatus()).isEqualTo(Status.UP);
			});
	}

	@Test
	void closesWhenTheContextDoesNotStart() {
		withUrl().withBean("broken", SmartInitializingSingleton.class, () -> () -> {
			throw new IllegalStateException("bad migration");
		}).run((context) -> assertThat(context).getFailure().hasMessageContaining("bad migration"));
		assertThat(this.engine.events).containsExactly("open dataSource", "close dataSource within PT5S");
	}

	@Test
	void closesTheFirstDatabaseWhenTheSecondCannotBeOpened() {
		this.engine.failing = "two";
		withUrl()
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("{database}"),
					"litestream.databases.one.path=" + this.folder.resolve("one.db"),
					"litestream.databases.two.path=" + this.folder.resolve("two.db"))
			.withBean("one", DataSource.class, SimpleDriverDataSource::new)
			.withBean("two", DataSource.class, SimpleDriverDataSource::new)
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessage("no engine for two"));
		assertThat(this.engine.events).containsExactly("open one", "close one within PT5S");
	}

	@Test
	void stopsAllDatabasesAtTheSameTime() {
		withUrl()
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("{database}"),
					"litestream.databases.one.path=" + this.folder.resolve("one.db"),
					"litestream.databases.two.path=" + this.folder.resolve("two.db"))
			.withBean("one", DataSource.class, () -> dataSource("one.db"))
			.withBean("two", DataSource.class, () -> dataSource("two.db"))
			.run((context) -> {
				this.engine.together = new CyclicBarrier(2);
				context.close();
			});
		assertThat(this.engine.events).contains("stop one within PT20S", "stop two within PT20S",
				"close one within PT5S", "close two within PT5S");
	}

	@Test
	void doesNothingWhenItIsSwitchedOff() {
		withUrl().withPropertyValues("litestream.enabled=false", "litestream.replica.url=").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(LitestreamDatabases.class);
			assertThat(context.getBean(HikariDataSource.class).getDataSource()).isNull();
		});
		assertThat(this.engine.events).isEmpty();
	}

	@Test
	void needsNeitherHikariNorS3() {
		withUrl().withClassLoader(new FilteredClassLoader(HikariDataSource.class, S3Client.class))
			.withPropertyValues("spring.datasource.type=" + SimpleDriverDataSource.class.getName())
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(Connections.query(context.getBean(DataSource.class), "PRAGMA wal_autocheckpoint"))
					.isEqualTo("0");
			});
	}

	@Test
	void doesNotAskForAnS3ClientWhenTheReplicaIsAFolder() {
		withUrl().withBean(S3Client.class, () -> {
			throw new IllegalStateException("no region");
		}, (definition) -> definition.setLazyInit(true)).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void aChildContextLeavesTheDatabasesToItsParent() {
		withUrl().run((parent) -> withUrl().withParent(parent)
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica"))
			.run((child) -> {
				assertThat(child).hasNotFailed();
				assertThat(child.getBean(DataSource.class)).isSameAs(parent.getBean(DataSource.class));
				assertThat(this.engine.events).containsExactly("open dataSource", "start dataSource");
				child.close();
				assertThat(this.engine.events).containsExactly("open dataSource", "start dataSource");
			}));
	}

	@Test
	void aChildContextTellsTheDatabasesOfItsParent() {
		withUrl().run((parent) -> withUrl().withParent(parent).run((child) -> {
			assertThat(child.getBean(LitestreamDatabases.class)).isNotSameAs(parent.getBean(LitestreamDatabases.class));
			assertThat(child.getBean(LitestreamDatabases.class).statuses()).containsOnlyKeys("dataSource");
			assertThat(child.getBean(LitestreamDatabases.class).sync("dataSource", Duration.ofSeconds(1)))
				.isEqualTo(Txid.FIRST);
		}));
	}

	@Test
	void aChildContextHasADatabaseOfItsOwn() {
		DriverManagerDataSource second = dataSource("second.db");
		withUrl().run((parent) -> withUrl().withParent(parent)
			.withPropertyValues("litestream.databases.second.path=" + this.folder.resolve("second.db"),
					"litestream.databases.second.replica.url=file:" + this.folder.resolve("second"))
			.withBean("second", DriverManagerDataSource.class, () -> second)
			.run((child) -> {
				Connections.assertAllPrepared(child.getBean("second", DataSource.class), 1);
				assertThat(child.getBean(LitestreamDatabases.class).statuses()).containsOnlyKeys("second");
				assertThat(parent.getBean(LitestreamDatabases.class).statuses()).containsOnlyKeys("dataSource");
			}));
	}

	@Test
	void tellsItsDatabases() {
		withUrl().run((context) -> {
			LitestreamDatabases databases = context.getBean(LitestreamDatabases.class);
			assertThat(databases.statuses()).containsOnlyKeys("dataSource");
			assertThat(databases.status("dataSource").path()).isEqualTo(this.folder.resolve("app.db"));
			assertThat(databases.sync("dataSource", Duration.ofSeconds(1))).isEqualTo(Txid.FIRST);
			assertThatIllegalArgumentException().isThrownBy(() -> databases.status("other"))
				.withMessage("no replicated database is named 'other', only 'dataSource'");
		});
	}

	@Test
	void saysWhyTheS3ClientCannotBeMade() {
		withS3().withBean(S3Client.class, () -> {
			throw new IllegalStateException("no region");
		}, (definition) -> definition.setLazyInit(true))
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("the S3Client bean for the replica s3://bucket/app cannot be made: no region")
				.hasStackTraceContaining("spring.cloud.aws.region.static"));
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void refusesSeveralS3Clients() {
		withS3().withBean("a", S3Client.class, () -> S3Client.builder().build(), (a) -> a.setLazyInit(true))
			.withBean("b", S3Client.class, () -> S3Client.builder().build(), (b) -> b.setLazyInit(true))
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("there are [a, b]: mark one as primary"));
	}

	private ApplicationContextRunner withS3() {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + url(), "litestream.replica.url=s3://bucket/app");
	}

	@Test
	void refusesAnS3ClientThatNeedsTheDatabase() {
		withS3().withUserConfiguration(ClientOnDataSource.class)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("the S3Client bean for the replica s3://bucket/app depends on a DataSource"));
		assertThat(this.folder).isEmptyDirectory();
	}

	private DriverManagerDataSource dataSource(String file) {
		return new DriverManagerDataSource("jdbc:sqlite:" + this.folder.resolve(file));
	}

	@Configuration(proxyBeanMethods = false)
	static class ClientOnDataSource {

		@Bean
		S3Client client(DataSource dataSource) throws SQLException {
			throw new IllegalStateException("made after " + dataSource);
		}

	}

	/**
	 * A bean of the application in the default phase, which writes when it is destroyed.
	 */
	static final class Recorder implements SmartLifecycle, DisposableBean, BeanFactoryAware {

		private final FakeEngine engine;

		private BeanFactory beanFactory;

		private boolean running;

		Recorder(FakeEngine engine) {
			this.engine = engine;
		}

		@Override
		public void setBeanFactory(BeanFactory beanFactory) {
			this.beanFactory = beanFactory;
		}

		@Override
		public void start() {
			this.running = true;
			this.engine.events.add("others start");
		}

		@Override
		public void stop() {
			this.running = false;
			this.engine.events.add("others stop");
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public void destroy() {
			boolean open = !this.beanFactory.getBean(HikariDataSource.class).isClosed();
			this.engine.events.add("others destroy, pool is " + (open ? "open" : "closed"));
		}

	}

}
