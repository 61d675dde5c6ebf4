package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The database is restored before anything opens its file, whoever is the first to do so.
 */
class StartOrderTests {

	private final FakeEngine engine = new FakeEngine();

	@TempDir
	Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
			.withBean(SessionOpener.class, () -> this.engine)
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica"));
	}

	private ApplicationContextRunner withUrl() {
		return this.runner.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + file());
	}

	private Path file() {
		return this.folder.resolve("app.db");
	}

	/**
	 * The file was not there when the engine opened it, and what it restored is what the
	 * application sees.
	 */
	private ContextConsumer<AssertableApplicationContext> restoredFirst() {
		return (context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.engine.events).first().isEqualTo("open " + this.engine.plans.keySet().iterator().next());
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT count(*) FROM restored"))
				.isEqualTo("1");
		};
	}

	@Test
	void bootsHikari() {
		withUrl().run(restoredFirst());
	}

	@Test
	void aHikariThatConnectsInItsConstructor() {
		withUrl().withUserConfiguration(OwnHikari.class).run(restoredFirst());
	}

	@Test
	void aPoolOfTheUserWhosePathIsConfigured() {
		this.runner
			.withPropertyValues("app.url=jdbc:sqlite:" + file(), "litestream.databases.dataSource.path=" + file())
			.withUserConfiguration(OwnHikari.class)
			.run(restoredFirst());
	}

	@Test
	void aPoolOfTheUserWithBoundProperties() {
		this.runner.withPropertyValues("app.pool.jdbc-url=jdbc:sqlite:" + file())
			.withUserConfiguration(BoundHikari.class)
			.run(restoredFirst());
	}

	@Test
	void aFactoryBean() {
		withUrl().withUserConfiguration(OwnFactory.class).run(restoredFirst());
	}

	@Test
	void aFactoryBeanThatHidesWhatItMakes() {
		this.runner.withPropertyValues("app.url=jdbc:sqlite:" + file(), "litestream.databases.hidden.path=" + file())
			.withUserConfiguration(HiddenHikari.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(this.engine.events).first().isEqualTo("open hidden");
				Connections.assertAllPrepared(context.getBean("hidden", DataSource.class), 2);
			});
	}

	@Test
	void aPathInTheEnvironment() {
		this.runner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("APP_URL", "jdbc:sqlite:" + file(), "LITESTREAM_DATABASES_DATASOURCE_PATH",
								file().toString(), "LITESTREAM_DATABASES_DATASOURCE_SYNCINTERVAL", "7s"))))
			.withUserConfiguration(OwnHikari.class)
			.run((context) -> {
				restoredFirst().accept(context);
				assertThat(this.engine.plans.get("dataSource").settings().syncInterval()).hasSeconds(7);
			});
	}

	@Test
	void aSingletonWithoutADefinition() {
		withUrl().withInitializer((context) -> {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl("jdbc:sqlite:" + file());
			((GenericApplicationContext) context).getBeanFactory().registerSingleton("manual", pool);
		})
			// nothing can prepare such a bean, and that is not passed over in silence
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("'manual'"));
	}

	@Test
	void flyway() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true")
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void flywayWithItsOwnUrl() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true", "spring.flyway.url=jdbc:sqlite:" + file(),
					"spring.flyway.user=none")
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void flywayWithItsOwnUser() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.baseline-on-migrate=true", "spring.flyway.user=none")
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void flywayOfTheUserWithADriverOfItsOwn() {
		withUrl().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withBean("migration", Flyway.class, () -> {
				Flyway flyway = Flyway.configure()
					.dataSource("jdbc:sqlite:" + file(), null, null)
					.baselineOnMigrate(true)
					.load();
				flyway.migrate();
				return flyway;
			})
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void liquibase() {
		withUrl().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class)).run((context) -> {
			restoredFirst().accept(context);
			assertThat(context).hasSingleBean(SpringLiquibase.class);
			assertMigrated(context);
		});
	}

	@Test
	void liquibaseWithItsOwnUrl() {
		withUrl().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.url=jdbc:sqlite:" + file(), "spring.liquibase.user=none")
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void scripts() {
		withUrl().withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
			.withPropertyValues("spring.sql.init.mode=always", "spring.sql.init.schema-locations=classpath:init.sql")
			.run((context) -> {
				restoredFirst().accept(context);
				assertMigrated(context);
			});
	}

	@Test
	void jpa() {
		withUrl()
			.withConfiguration(AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class,
					HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Entities.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=update",
					"spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect")
			.run((context) -> {
				restoredFirst().accept(context);
				assertThat(context).hasSingleBean(EntityManagerFactory.class);
				assertMigrated(context);
			});
	}

	@Test
	void lazyInitialization() {
		withUrl()
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				assertThat(context.getBeanFactory().containsSingleton("dataSource")).isFalse();
				assertThat(this.engine.events).containsExactly("open dataSource", "start dataSource");
				restoredFirst().accept(context);
			});
	}

	@Test
	void twoDatabases() {
		Path second = this.folder.resolve("second.db");
		this.runner
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica") + "/{database}",
					"app.one.url=jdbc:sqlite:" + file(), "app.two.url=jdbc:sqlite:" + second,
					"litestream.databases.one.path=" + file(), "litestream.databases.two.path=" + second,
					"litestream.databases.two.sync-interval=3s")
			.withUserConfiguration(TwoDatabases.class)
			.run((context) -> {
				assertThat(this.engine.events).containsExactly("open one", "open two", "start one", "start two");
				for (String name : new String[] { "one", "two" }) {
					DataSource dataSource = context.getBean(name, DataSource.class);
					Connections.assertAllPrepared(dataSource, 2);
					assertThat(Connections.query(dataSource, "SELECT group_concat(name) FROM restored"))
						.isEqualTo(name);
					assertThat(this.engine.plans.get(name).replica())
						.hasToString("file:" + this.folder.resolve("replica").resolve(name));
				}
				assertThat(this.engine.plans.get("one").settings().syncInterval()).hasSeconds(1);
				assertThat(this.engine.plans.get("two").settings().syncInterval()).hasSeconds(3);
				assertThat(context.getBean(LitestreamDatabases.class).statuses()).containsOnlyKeys("one", "two");
			});
	}

	private static void assertMigrated(AssertableApplicationContext context) {
		assertThat(Connections.query(context.getBean(DataSource.class),
				"SELECT name FROM sqlite_schema WHERE name='note'"))
			.isEqualTo("note");
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnHikari {

		@Bean
		HikariDataSource dataSource(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(environment.getProperty("app.url", environment.getProperty("spring.datasource.url")));
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BoundHikari {

		@Bean
		@ConfigurationProperties("app.pool")
		HikariDataSource pool() {
			return new HikariDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		FactoryBean<DataSource> dataSource(Environment environment) {
			return new FactoryBean<>() {

				@Override
				public DataSource getObject() {
					HikariConfig config = new HikariConfig();
					config.setJdbcUrl(environment.getProperty("spring.datasource.url"));
					return new HikariDataSource(config);
				}

				@Override
				public Class<?> getObjectType() {
					return DataSource.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HiddenHikari {

		@Bean
		FactoryBean<Object> hidden(Environment environment) {
			return new FactoryBean<>() {

				@Override
				public Object getObject() {
					HikariDataSource pool = new HikariDataSource();
					pool.setJdbcUrl(environment.getProperty("app.url"));
					return pool;
				}

				@Override
				public Class<?> getObjectType() {
					return Object.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDatabases {

		@Bean
		@ConfigurationProperties("app.one")
		DataSourceProperties oneProperties() {
			return new DataSourceProperties();
		}

		@Bean
		@Primary
		DataSource one(@Qualifier("oneProperties") DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().build();
		}

		@Bean
		@ConfigurationProperties("app.two")
		DataSourceProperties twoProperties() {
			return new DataSourceProperties();
		}

		@Bean
		DataSource two(@Qualifier("twoProperties") DataSourceProperties properties) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(properties.determineUrl());
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = StartOrderTests.class)
	static class Entities {

	}

	@Entity(name = "note")
	static class Note {

		@Id
		private long id;

		private String text = "";

	}

}
