package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.replication.ReplicationStatus;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole way, with the real engine and a replica in a folder: what one run of an
 * application writes, the next one reads on a machine that has nothing but the replica.
 */
class RealEngineTests {

	@TempDir
	Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"litestream.replica.url=file:" + this.folder.resolve("replica"));
	}

	@Test
	void bootsHikari() {
		this.runner.run(writes(100));
		loseTheMachine();
		this.runner.run((context) -> {
			assertRows(context, 100);
			Connections.assertAllPrepared(context.getBean(HikariDataSource.class), 10);
			ReplicationStatus status = context.getBean(LitestreamDatabases.class).status("dataSource");
			assertThat(status.state()).isEqualTo(ReplicationStatus.State.RUNNING);
			assertThat(status.path()).isEqualTo(this.folder.resolve("app.db"));
		});
	}

	@Test
	void aHikariThatConnectsInItsConstructor() {
		ApplicationContextRunner own = this.runner.withUserConfiguration(OwnHikari.class);
		own.run(writes(10));
		loseTheMachine();
		own.run((context) -> {
			assertRows(context, 10);
			Connections.assertAllPrepared(context.getBean(HikariDataSource.class), 2);
		});
	}

	@Test
	void flyway() {
		ApplicationContextRunner migrating = this.runner
			.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class));
		assertMigratesOnce(migrating);
	}

	@Test
	void flywayWithItsOwnUrl() {
		assertMigratesOnce(this.runner.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"spring.flyway.user=none"));
	}

	private void assertMigratesOnce(ApplicationContextRunner migrating) {
		String[] installed = new String[1];
		migrating.run((context) -> installed[0] = history(context));
		loseTheMachine();
		migrating.run((context) -> {
			assertThat(history(context)).isEqualTo(installed[0]).startsWith("1 ");
			Connections.execute(context.getBean(DataSource.class), "INSERT INTO note (text) VALUES ('a')");
		});
		loseTheMachine();
		migrating.run((context) -> {
			assertThat(history(context)).isEqualTo(installed[0]);
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT text FROM note")).isEqualTo("a");
		});
	}

	private static String history(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return Connections.query(context.getBean(DataSource.class),
				"SELECT count(*) || ' ' || max(installed_on) FROM flyway_schema_history");
	}

	@Test
	void liquibase() {
		ApplicationContextRunner migrating = this.runner
			.withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class));
		migrating.run(writes(3));
		loseTheMachine();
		migrating.run((context) -> {
			assertRows(context, 3);
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT count(*) FROM databasechangelog"))
				.isEqualTo("1");
		});
	}

	@Test
	void jpa() {
		ApplicationContextRunner jpa = this.runner
			.withConfiguration(AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class,
					HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(MigrationOrderTests.Entities.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=update",
					"spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect");
		jpa.run(writes(3));
		loseTheMachine();
		jpa.withPropertyValues("spring.jpa.hibernate.ddl-auto=validate").run((context) -> assertRows(context, 3));
	}

	@Test
	void lazyInitialization() {
		ApplicationContextRunner lazy = this.runner.withInitializer(
				(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()));
		lazy.run(writes(3));
		loseTheMachine();
		lazy.run((context) -> assertRows(context, 3));
	}

	@Test
	void twoDatabases() {
		ApplicationContextRunner two = this.runner
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica") + "/{database}",
					"litestream.databases.one.path=" + this.folder.resolve("one.db"),
					"litestream.databases.two.path=" + this.folder.resolve("two.db"))
			.withUserConfiguration(BadInputTests.TwoPools.class);
		two.run((context) -> {
			write(context.getBean("one", DataSource.class), 1);
			write(context.getBean("two", DataSource.class), 2);
		});
		loseTheMachine();
		two.run((context) -> {
			assertRows(context.getBean("one", DataSource.class), 1);
			assertRows(context.getBean("two", DataSource.class), 2);
			Connections.assertAllPrepared(context.getBean("two", DataSource.class), 3);
		});
	}

	@Test
	void tomcatsPool() {
		ApplicationContextRunner tomcat = this.runner
			.withPropertyValues("spring.datasource.type=org.apache.tomcat.jdbc.pool.DataSource");
		tomcat.run(writes(3));
		loseTheMachine();
		tomcat.run((context) -> assertRows(context, 3));
	}

	@Test
	void storesACommitWithoutWaitingForAStop() {
		this.runner.run((context) -> {
			write(context.getBean(DataSource.class), 1);
			LitestreamDatabases databases = context.getBean(LitestreamDatabases.class);
			Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
				ReplicationStatus status = databases.status("dataSource");
				assertThat(status.replicatedTxid()).isEqualTo(status.txid());
				assertThat(status.lag()).isZero();
				assertThat(status.txid().value()).isPositive();
			});
			assertThat(databases.sync("dataSource", Duration.ofSeconds(10)))
				.isEqualTo(databases.status("dataSource").txid());
		});
	}

	@Test
	void f13StoresWhatIsWrittenWhileBeansAreDestroyed() {
		this.runner.withUserConfiguration(LastWords.class).run(writes(1));
		loseTheMachine();
		this.runner.run((context) -> {
			assertRows(context, 1);
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT text FROM last_words"))
				.isEqualTo("bye");
		});
	}

	@Test
	void storesWhatWasWrittenBeforeTheStartFailed() {
		this.runner.withBean("broken", SmartInitializingSingleton.class, () -> () -> {
			throw new IllegalStateException("bad migration");
		})
			.withBean("migration", Migration.class)
			.run((context) -> assertThat(context).getFailure().hasMessageContaining("bad migration"));
		assertThat(threads()).isEmpty();
		loseTheMachine();
		this.runner.run((context) -> assertRows(context, 5));
	}

	@Test
	void goesOnAfterAPause() {
		this.runner.run((context) -> {
			write(context.getBean(DataSource.class), 1);
			context.stop();
			write(context.getBean(DataSource.class), 1);
			context.start();
			write(context.getBean(DataSource.class), 1);
		});
		loseTheMachine();
		this.runner.run((context) -> assertRows(context, 3));
	}

	@Test
	void leavesNoThreadAndNoLockBehind() {
		this.runner.run(writes(1));
		assertThat(threads()).isEmpty();
		this.runner.run(writes(1));
		this.runner.run((context) -> assertRows(context, 2));
	}

	@Test
	void refusesASecondContextOnTheSameFile() {
		this.runner.run((first) -> this.runner.run((second) -> {
			assertThat(second).getFailure().hasStackTraceContaining(ConfigurationException.class.getName());
			write(first.getBean(DataSource.class), 1);
		}));
		loseTheMachine();
		this.runner.run((context) -> assertRows(context, 1));
	}

	@Test
	void restoresTheStateThatIsAskedFor() {
		String[] txid = new String[1];
		this.runner.run((context) -> {
			write(context.getBean(DataSource.class), 1);
			txid[0] = context.getBean(LitestreamDatabases.class).sync("dataSource", Duration.ofSeconds(10)).toString();
			write(context.getBean(DataSource.class), 1);
		});
		loseTheMachine();
		this.runner.withPropertyValues("litestream.restore.txid=" + txid[0]).run((context) -> assertRows(context, 1));
	}

	@Test
	void beginsADatabaseWithThePageSizeOfTheUrl() {
		ApplicationContextRunner large = this.runner.withPropertyValues(
				"spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db") + "?page_size=16384");
		large.run(writes(3));
		loseTheMachine();
		large.run((context) -> {
			assertRows(context, 3);
			assertThat(Connections.query(context.getBean(DataSource.class), "PRAGMA page_size")).isEqualTo("16384");
		});
	}

	@Test
	void writesNothingIntoTheUsersSchema() {
		this.runner.run((context) -> assertThat(
				Connections.query(context.getBean(DataSource.class), "SELECT count(*) FROM sqlite_schema"))
			.isEqualTo("0"));
	}

	private ContextConsumer<AssertableApplicationContext> writes(int rows) {
		return (context) -> {
			assertThat(context).hasNotFailed();
			write(context.getBean(DataSource.class), rows);
		};
	}

	private static void write(DataSource dataSource, int rows) {
		Connections.execute(dataSource, "CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, text TEXT)");
		for (int i = 0; i < rows; i++) {
			Connections.execute(dataSource, "INSERT INTO item (text) VALUES ('text')");
		}
	}

	private static void assertRows(AssertableApplicationContext context, int rows) {
		assertThat(context).hasNotFailed();
		assertRows(context.getBean(DataSource.class), rows);
	}

	private static void assertRows(DataSource dataSource, int rows) {
		assertThat(Connections.query(dataSource, "SELECT count(*) FROM item")).isEqualTo(Integer.toString(rows));
	}

	private static List<String> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("litestream"))
			.toList();
	}

	/**
	 * All but the replica.
	 */
	private void loseTheMachine() {
		try (var files = Files.list(this.folder)) {
			for (Path file : files.filter((each) -> !each.endsWith("replica")).toList()) {
				FileSystemUtils.deleteRecursively(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnHikari {

		@Bean
		HikariDataSource dataSource(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
			config.setMaximumPoolSize(2);
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LastWords {

		@Bean
		DisposableBean lastWords(DataSource dataSource) {
			return () -> {
				Connections.execute(dataSource, "CREATE TABLE last_words (text TEXT)");
				Connections.execute(dataSource, "INSERT INTO last_words VALUES ('bye')");
			};
		}

	}

	static final class Migration {

		Migration(DataSource dataSource) {
			write(dataSource, 5);
		}

	}

}
