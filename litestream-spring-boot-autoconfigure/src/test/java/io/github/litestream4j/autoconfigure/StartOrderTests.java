package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
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
class StartOrderTests extends AbstractStartOrderTests {

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
		this.runner.withPropertyValues("app.url=" + url(), "litestream.databases.dataSource.path=" + file())
			.withUserConfiguration(OwnHikari.class)
			.run(restoredFirst());
	}

	@Test
	void aPoolOfTheUserWithBoundProperties() {
		this.runner.withPropertyValues("app.pool.jdbc-url=" + url())
			.withUserConfiguration(BoundHikari.class)
			.run(restoredFirst());
	}

	@Test
	void aFactoryBean() {
		withUrl().withUserConfiguration(OwnFactory.class).run(restoredFirst());
	}

	@Test
	void aFactoryBeanThatHidesWhatItMakes() {
		this.runner.withPropertyValues("app.url=" + url(), "litestream.databases.hidden.path=" + file())
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
						Map.of("APP_URL", url(), "LITESTREAM_DATABASES_DATASOURCE_PATH", file().toString(),
								"LITESTREAM_DATABASES_DATASOURCE_SYNCINTERVAL", "7s"))))
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
			pool.setJdbcUrl(url());
			((GenericApplicationContext) context).getBeanFactory().registerSingleton("manual", pool);
		})
			// nothing can prepare such a bean, and that is not passed over in silence
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("'manual'"));
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
		this.runner.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica") + "/{database}",
				"app.one.url=" + url(), "app.two.url=jdbc:sqlite:" + second, "litestream.databases.one.path=" + file(),
				"litestream.databases.two.path=" + second, "litestream.databases.two.sync-interval=3s")
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

}
