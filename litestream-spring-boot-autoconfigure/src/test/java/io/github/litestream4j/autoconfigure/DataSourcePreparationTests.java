package io.github.litestream4j.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourcePoolMetadataProvidersConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every physical connection is prepared, whichever pool there is, and the bean stays what
 * it was.
 */
@ExtendWith(OutputCaptureExtension.class)
class DataSourcePreparationTests extends AbstractPreparationTests {

	@Test
	void f15PreparesBootsHikariBeneathThePool() {
		withUrl().run((context) -> {
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
		withUrl()
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
		withUrl().withPropertyValues("spring.datasource.type=org.apache.tomcat.jdbc.pool.DataSource").run((context) -> {
			DataSource pool = context.getBean(org.apache.tomcat.jdbc.pool.DataSource.class);
			Connections.assertAllPrepared(pool, 3);
			assertReportsCommits(pool);
		});
	}

	@Test
	void leavesNoTransactionOpenInAPoolWithoutAutoCommit() {
		withUrl()
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
		ApplicationContextRunner measured = withUrl()
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
		this.runner.withPropertyValues("spring.datasource.url=" + url() + "?busy_timeout=9000")
			.run((context) -> Connections.assertAllPrepared(context.getBean(DataSource.class), 1));
		assertThat(output).contains("litestream.busy-timeout (5000 ms) wins over busy_timeout=9000 of the URL");
	}

	@Test
	void preparesDbcp() {
		withUrl().withPropertyValues("spring.datasource.type=org.apache.commons.dbcp2.BasicDataSource")
			.run((context) -> {
				DataSource pool = context.getBean(BasicDataSource.class);
				Connections.assertAllPrepared(pool, 3);
				assertReportsCommits(pool);
			});
	}

	@Test
	void preparesDataSourcesWithoutAPool() {
		withUrl().withBean("a", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.run((context) -> assertReportsCommits(context.getBean(DriverManagerDataSource.class)));
		withUrl().withPropertyValues("spring.datasource.type=" + SimpleDriverDataSource.class.getName())
			.run((context) -> assertReportsCommits(context.getBean(DataSource.class)));
		withUrl().withBean("c", SQLiteDataSource.class, this::driversOwn)
			.run((context) -> assertReportsCommits(context.getBean(SQLiteDataSource.class)));
	}

	@Test
	void preparesAHikariThatWasStartedInItsConstructor() {
		withUrl().withUserConfiguration(StartedHikari.class).run((context) -> {
			DataSource pool = context.getBean(DataSource.class);
			Connections.assertAllPrepared(pool, 2);
			assertReportsCommits(pool);
			assertThat(this.engine.events).startsWith("open dataSource");
			assertThat(pool.unwrap(HikariDataSource.class).isRunning()).isTrue();
		});
	}

	@Test
	void keepsTheTypeOfAStartedHikariWhereItsDefinitionPromisesIt() {
		withUrl().withUserConfiguration(StartedHikariByItsType.class).run((context) -> {
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
	void preparesADataSourceThatIsGivenToHikari() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(driversOwn());
		withUrl().withBean("pool", HikariDataSource.class, () -> pool).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(pool);
			Connections.assertAllPrepared(pool, 2);
			assertReportsCommits(pool);
		});
	}

	@Test
	void refusesAConnectionThatIsChangedAfterItIsOpened() {
		withUrl().withPropertyValues("spring.datasource.hikari.connection-init-sql=PRAGMA wal_autocheckpoint=500")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("wal_autocheckpoint '500'"));
		assertThat(this.engine.events).last().isEqualTo("close dataSource within PT5S");
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

}
