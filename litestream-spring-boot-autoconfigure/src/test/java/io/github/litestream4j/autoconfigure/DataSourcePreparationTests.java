package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourcePoolMetadataProvidersConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every physical connection is prepared, whichever pool there is, and the bean stays what
 * it was.
 */
@ExtendWith(OutputCaptureExtension.class)
class DataSourcePreparationTests {

	private final FakeEngine engine = new FakeEngine();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
		.withBean(SessionOpener.class, () -> this.engine);

	@TempDir
	Path folder;

	private ApplicationContextRunner runner() {
		return this.runner.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + file(),
				"litestream.replica.url=file:" + this.folder.resolve("replica"));
	}

	private Path file() {
		return this.folder.resolve("app.db");
	}

	@Test
	void f15PreparesBootsHikariBeneathThePool() {
		runner().run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(context.getBean(DataSource.class)).isSameAs(pool);
			assertThat(pool.getClass()).isEqualTo(HikariDataSource.class);
			assertThat(pool.getDataSource()).isInstanceOf(LitestreamDataSource.class);
			Connections.assertAllPrepared(pool, 10);
			assertReportsCommits(pool);
			try (Connection connection = pool.getConnection()) {
				assertThat(connection.unwrap(SQLiteConnection.class)).isInstanceOf(SQLiteConnection.class);
			}
		});
	}

	@Test
	void handsHikarisPropertiesToTheDriver() {
		runner()
			.withPropertyValues("spring.datasource.hikari.data-source-properties.foreign_keys=true",
					"spring.datasource.hikari.data-source-properties.synchronous=NORMAL")
			.run((context) -> {
				DataSource pool = context.getBean(DataSource.class);
				assertThat(Connections.query(pool, "PRAGMA foreign_keys")).isEqualTo("1");
				assertThat(Connections.query(pool, "PRAGMA synchronous")).isEqualTo("1");
				assertThat(this.engine.plans.get("dataSource").settings().connectionProperties())
					.containsEntry("foreign_keys", "true");
			});
	}

	@Test
	void preparesTomcatsPool() {
		runner().withPropertyValues("spring.datasource.type=org.apache.tomcat.jdbc.pool.DataSource").run((context) -> {
			DataSource pool = context.getBean(org.apache.tomcat.jdbc.pool.DataSource.class);
			Connections.assertAllPrepared(pool, 3);
			assertReportsCommits(pool);
		});
	}

	@Test
	void leavesNoTransactionOpenInAPoolWithoutAutoCommit() {
		runner()
			.withPropertyValues("spring.datasource.type=org.apache.tomcat.jdbc.pool.DataSource",
					"spring.datasource.tomcat.default-auto-commit=false")
			.run((context) -> {
				DataSource pool = context.getBean(DataSource.class);
				Connections.execute(pool, "CREATE TABLE t (x)");
				try (Connection one = pool.getConnection(); Connection two = pool.getConnection()) {
					assertThat(one.getAutoCommit()).isFalse();
					// a snapshot that was taken when the connection was prepared would be
					// too
					// old to write on after this commit
					two.createStatement().execute("INSERT INTO t VALUES (2)");
					two.commit();
					one.createStatement().execute("INSERT INTO t VALUES (1)");
					one.commit();
				}
				assertThat(Connections.query(pool, "SELECT count(*) FROM t")).isEqualTo("2");
			});
	}

	@Test
	void keepsThePoolsMetadata() {
		ApplicationContextRunner measured = runner()
			.withConfiguration(AutoConfigurations.of(DataSourcePoolMetadataProvidersConfiguration.class));
		measured.run(this::assertHasMetadata);
		measured.withUserConfiguration(StartedHikari.class).run(this::assertHasMetadata);
		measured.withUserConfiguration(StartedHikariByItsType.class).run(this::assertHasMetadata);
	}

	private void assertHasMetadata(AssertableApplicationContext context) throws SQLException {
		DataSource pool = context.getBean(DataSource.class);
		DataSourcePoolMetadata metadata = context
			.getBean("hikariPoolDataSourceMetadataProvider", DataSourcePoolMetadataProvider.class)
			.getDataSourcePoolMetadata(pool);
		try (Connection connection = pool.getConnection()) {
			assertThat(connection.isClosed()).isFalse();
			assertThat(metadata.getActive()).isEqualTo(1);
		}
		assertThat(metadata.getActive()).isZero();
	}

	@Test
	void warnsOfABusyTimeoutThatLoses(CapturedOutput output) {
		this.runner
			.withPropertyValues("spring.datasource.url=" + url() + "?busy_timeout=9000",
					"litestream.replica.url=file:" + this.folder.resolve("replica"))
			.run((context) -> Connections.assertAllPrepared(context.getBean(DataSource.class), 1));
		assertThat(output).contains("litestream.busy-timeout (5000 ms) wins over busy_timeout=9000 of the URL");
	}

	@Test
	void preparesDbcp() {
		runner().withPropertyValues("spring.datasource.type=org.apache.commons.dbcp2.BasicDataSource")
			.run((context) -> {
				DataSource pool = context.getBean(BasicDataSource.class);
				Connections.assertAllPrepared(pool, 3);
				assertReportsCommits(pool);
			});
	}

	@Test
	void preparesDataSourcesWithoutAPool() {
		runner().withBean("a", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.run((context) -> assertReportsCommits(context.getBean(DriverManagerDataSource.class)));
		runner().withPropertyValues("spring.datasource.type=" + SimpleDriverDataSource.class.getName())
			.run((context) -> assertReportsCommits(context.getBean(DataSource.class)));
		runner().withBean("c", SQLiteDataSource.class, this::driversOwn)
			.run((context) -> assertReportsCommits(context.getBean(SQLiteDataSource.class)));
	}

	@Test
	void preparesAHikariThatWasStartedInItsConstructor() {
		runner().withUserConfiguration(StartedHikari.class).run((context) -> {
			DataSource pool = context.getBean(DataSource.class);
			Connections.assertAllPrepared(pool, 2);
			assertReportsCommits(pool);
			assertThat(this.engine.events).startsWith("open dataSource");
			assertThat(pool.unwrap(HikariDataSource.class).isRunning()).isTrue();
		});
	}

	@Test
	void keepsTheTypeOfAStartedHikariWhereItsDefinitionPromisesIt() {
		runner().withUserConfiguration(StartedHikariByItsType.class).run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			Connections.assertAllPrepared(pool, 2);
			assertReportsCommits(pool);
			assertThat(context.getBean(JdbcTemplate.class).getDataSource()).isSameAs(pool);
			assertThat(pool.isRunning()).isTrue();
			assertThat(pool.getMaximumPoolSize()).isEqualTo(2);
			context.close();
			assertThat(pool.isClosed()).isTrue();
		});
	}

	@Test
	void preparesBeneathALazyProxy() {
		runner().withPropertyValues("spring.datasource.connection-fetch=lazy").run((context) -> {
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(dataSource).isInstanceOf(LazyConnectionDataSourceProxy.class);
			Connections.assertAllPrepared(dataSource, 2);
			assertReportsCommits(dataSource);
		});
	}

	@Test
	void preparesThePoolInsideAUsersProxy() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url());
		runner().withPropertyValues("litestream.databases.lazy.path=" + file())
			.withBean("lazy", DataSource.class, () -> new LazyConnectionDataSourceProxy(pool))
			.run((context) -> {
				assertThat(pool.getDataSource()).isInstanceOf(LitestreamDataSource.class);
				assertReportsCommits(context.getBean(DataSource.class));
			});
	}

	@Test
	void preparesAUsersProxyByItsPath() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url());
		runner().withPropertyValues("litestream.databases.lazy.path=" + file())
			.withBean("lazy", LazyConnectionDataSourceProxy.class, () -> new LazyConnectionDataSourceProxy(pool))
			.run((context) -> assertReportsCommits(context.getBean(DataSource.class)));
	}

	@Test
	void refusesWhatOnlyHandsOnConnectionsOfAnUnknownPool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url());
		runner().withBean("lazy", LazyConnectionDataSourceProxy.class, () -> new LazyConnectionDataSourceProxy(pool))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("none of the DataSource beans [lazy]"));
	}

	@Test
	void preparesADataSourceThatIsGivenToHikari() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(driversOwn());
		runner().withBean("pool", HikariDataSource.class, () -> pool).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(pool);
			Connections.assertAllPrepared(pool, 2);
			assertReportsCommits(pool);
		});
	}

	@Test
	void leavesProxiesOfAPreparedDataSourceAlone() {
		runner().withUserConfiguration(Proxied.class).run((context) -> {
			assertReportsCommits(context.getBean("target", DataSource.class));
			assertReportsCommits(context.getBean("proxy", DataSource.class));
			assertReportsCommits(context.getBean("routing", DataSource.class));
			assertThat(context.getBean("routing")).isInstanceOf(AbstractRoutingDataSource.class);
		});
	}

	@Test
	void preparesADataSourceThatSharesTheFile() {
		runner().withPropertyValues("app.one.jdbc-url=" + url(), "app.two.jdbc-url=" + url())
			.withUserConfiguration(TwoOnOneFile.class)
			.run((context) -> {
				assertReportsCommits(context.getBean("one", DataSource.class));
				assertReportsCommits(context.getBean("two", DataSource.class));
				assertThat(this.engine.events).containsOnlyOnce("open two");
				assertThat(context.getBean(LitestreamDatabases.class).statuses()).containsOnlyKeys("two");
			});
	}

	@Test
	void leavesOtherDatabasesAlone() {
		DriverManagerDataSource other = new DriverManagerDataSource("jdbc:h2:mem:other");
		runner().withPropertyValues("litestream.databases.app.path=" + file())
			.withBean("app", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.withBean("other", DriverManagerDataSource.class, () -> other)
			.run((context) -> {
				assertThat(context.getBean("other")).isSameAs(other);
				assertReportsCommits(context.getBean("app", DataSource.class));
			});
	}

	@Test
	void leavesADisabledDataSourceAlone() {
		DriverManagerDataSource other = new DriverManagerDataSource("jdbc:sqlite::memory:");
		runner()
			.withPropertyValues("litestream.databases.app.path=" + file(), "litestream.databases.other.enabled=false")
			.withBean("app", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.withBean("other", DriverManagerDataSource.class, () -> other)
			.run((context) -> assertThat(context.getBean("other")).isSameAs(other));
	}

	@Test
	void refusesASecondDatabaseThatItDoesNotKnow() {
		runner().withPropertyValues("litestream.databases.app.path=" + file())
			.withBean("app", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.withBean("other", DriverManagerDataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.folder.resolve("other.db")))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("litestream.databases.other.path")
				.hasMessageContaining("litestream.databases.other.enabled=false"));
		assertThat(this.folder.resolve("other.db")).doesNotExist();
	}

	@Test
	void refusesABeanThatIsOnAnotherFileThanExpected() {
		runner()
			.withBean("app", DriverManagerDataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.folder.resolve("other.db")))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("'app' was expected on " + file())
				.hasMessageContaining("litestream.databases.app.path"));
		assertThat(this.folder.resolve("other.db")).doesNotExist();
	}

	@Test
	void refusesAConnectionThatIsChangedAfterItIsOpened() {
		runner().withPropertyValues("spring.datasource.hikari.connection-init-sql=PRAGMA wal_autocheckpoint=500")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("wal_autocheckpoint '500'"));
		assertThat(this.engine.events).last().isEqualTo("close dataSource within PT5S");
	}

	private void assertReportsCommits(DataSource dataSource) throws SQLException {
		Connections.execute(dataSource, "CREATE TABLE IF NOT EXISTS t (x)");
		int before = this.engine.commits.get();
		Connections.execute(dataSource, "INSERT INTO t VALUES (1)");
		assertThat(this.engine.commits).hasValue(before + 1);
		assertThat(Connections.query(dataSource, "PRAGMA wal_autocheckpoint")).isEqualTo("0");
	}

	private String url() {
		return "jdbc:sqlite:" + file();
	}

	private SQLiteDataSource driversOwn() {
		SQLiteDataSource dataSource = new SQLiteDataSource();
		dataSource.setUrl(url());
		return dataSource;
	}

	static HikariDataSource started(Environment environment) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
		config.setMaximumPoolSize(2);
		return new HikariDataSource(config);
	}

	@Configuration(proxyBeanMethods = false)
	static class StartedHikari {

		@Bean
		DataSource dataSource(Environment environment) {
			return started(environment);
		}

	}

	@Configuration
	static class StartedHikariByItsType {

		@Bean
		HikariDataSource pool(Environment environment) {
			return started(environment);
		}

		@Bean
		JdbcTemplate template(Environment environment) {
			return new JdbcTemplate(pool(environment));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		@Bean
		DataSource target(Environment environment) {
			return started(environment);
		}

		@Bean
		TransactionAwareDataSourceProxy proxy(DataSource target) {
			return new TransactionAwareDataSourceProxy(target);
		}

		@Bean
		AbstractRoutingDataSource routing(DataSource target) {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return "target";
				}

			};
			Map<Object, Object> targets = new HashMap<>();
			targets.put("target", target);
			routing.setTargetDataSources(targets);
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties
	static class TwoOnOneFile {

		@Bean
		@ConfigurationProperties("app.one")
		HikariDataSource one() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

		@Bean
		@Primary
		@ConfigurationProperties("app.two")
		HikariDataSource two() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

	}

}
