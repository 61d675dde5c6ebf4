package io.github.litestream4j.autoconfigure;

import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which connections are prepared: beneath proxies and beside other databases, and what is
 * refused.
 */
class DataSourceChoiceTests extends AbstractPreparationTests {

	@Test
	void preparesBeneathALazyProxy() {
		withUrl().withPropertyValues("spring.datasource.connection-fetch=lazy").run((context) -> {
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
		withUrl().withPropertyValues("litestream.databases.lazy.path=" + file())
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
		withUrl().withPropertyValues("litestream.databases.lazy.path=" + file())
			.withBean("lazy", LazyConnectionDataSourceProxy.class, () -> new LazyConnectionDataSourceProxy(pool))
			.run((context) -> assertReportsCommits(context.getBean(DataSource.class)));
	}

	@Test
	void refusesWhatOnlyHandsOnConnectionsOfAnUnknownPool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url());
		withUrl().withBean("lazy", LazyConnectionDataSourceProxy.class, () -> new LazyConnectionDataSourceProxy(pool))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ConfigurationException.class)
				.hasMessageContaining("none of the DataSource beans [lazy]"));
	}

	@Test
	void leavesProxiesOfAPreparedDataSourceAlone() {
		withUrl().withUserConfiguration(Proxied.class).run((context) -> {
			assertReportsCommits(context.getBean("target", DataSource.class));
			assertReportsCommits(context.getBean("proxy", DataSource.class));
			assertReportsCommits(context.getBean("routing", DataSource.class));
			assertThat(context.getBean("routing")).isInstanceOf(AbstractRoutingDataSource.class);
		});
	}

	@Test
	void preparesADataSourceThatSharesTheFile() {
		withUrl().withPropertyValues("app.one.jdbc-url=" + url(), "app.two.jdbc-url=" + url())
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
		withUrl().withPropertyValues("litestream.databases.app.path=" + file())
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
		withUrl()
			.withPropertyValues("litestream.databases.app.path=" + file(), "litestream.databases.other.enabled=false")
			.withBean("app", DriverManagerDataSource.class, () -> new DriverManagerDataSource(url()))
			.withBean("other", DriverManagerDataSource.class, () -> other)
			.run((context) -> assertThat(context.getBean("other")).isSameAs(other));
	}

	@Test
	void refusesASecondDatabaseThatItDoesNotKnow() {
		withUrl().withPropertyValues("litestream.databases.app.path=" + file())
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
		withUrl()
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
	void refusesToRouteToADataSourceThatIsNoBean() {
		DataSource hidden = new DriverManagerDataSource("jdbc:sqlite:" + this.folder.resolve("other.db"));
		ApplicationContextRunner runner = withUrl().withUserConfiguration(Proxied.class)
			.withBean("toHidden", AbstractRoutingDataSource.class, () -> routing(Map.of("target", hidden)));
		runner.run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(ConfigurationException.class)
			.hasMessageContaining("'toHidden' routes to " + this.folder.resolve("other.db"))
			.hasMessageContaining("litestream.databases.toHidden.enabled=false"));
		assertThat(this.folder.resolve("other.db")).doesNotExist();
		runner.withPropertyValues("litestream.databases.toHidden.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void routesToWhatIsNotReplicated() {
		withUrl().withUserConfiguration(Proxied.class)
			.withBean("toAnother", AbstractRoutingDataSource.class,
					() -> routing(Map.of("target", new DriverManagerDataSource("jdbc:h2:mem:other"))))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void routesToAProxyOfABean() {
		withUrl().withUserConfiguration(Proxied.class)
			.withBean("notReplicated", DriverManagerDataSource.class,
					() -> new DriverManagerDataSource("jdbc:sqlite:" + this.folder.resolve("other.db")))
			.withPropertyValues("litestream.databases.notReplicated.enabled=false")
			.withUserConfiguration(RoutingToProxies.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertReportsCommits(context.getBean("toProxies", DataSource.class));
			});
	}

	private static AbstractRoutingDataSource routing(Map<Object, Object> targets) {
		AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

			@Override
			protected Object determineCurrentLookupKey() {
				return "target";
			}

		};
		routing.setTargetDataSources(targets);
		return routing;
	}

	@Configuration(proxyBeanMethods = false)
	static class RoutingToProxies {

		@Bean
		AbstractRoutingDataSource toProxies(@Qualifier("target") DataSource target,
				@Qualifier("notReplicated") DataSource notReplicated) {
			return routing(Map.of("target", new LazyConnectionDataSourceProxy(target), "other", notReplicated));
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
		AbstractRoutingDataSource routing(@Qualifier("target") DataSource target) {
			return DataSourceChoiceTests.routing(Map.of("target", target));
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
