package io.github.litestream4j.matrix;

import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Several databases in one application.
 */
class SeveralDataSourcesTests extends AbstractMatrixTests {

	private static final ThreadLocal<String> place = new ThreadLocal<>();

	@Test
	@DisplayName("DataSources: two, one of them `@Primary`")
	void twoDatabases() {
		try (Application application = startWith(Two.class)) {
			application.items().write("n");
			south(application).write("s", "t");
			application.assertOperates("north", "south");
		}
		this.machine.lose();
		try (Application application = startWith(Two.class)) {
			application.items().assertRead("n");
			south(application).assertRead("s", "t");
			application.assertOperates("north", "south");
		}
	}

	@Test
	@DisplayName("DataSources: `AbstractRoutingDataSource` over two files")
	void routing() {
		try (Application application = startWith(Routing.class)) {
			at("north", () -> application.items().write("n"));
			at("south", () -> application.items().write("s", "t"));
			application.assertOperates("north", "south");
		}
		this.machine.lose();
		try (Application application = startWith(Routing.class)) {
			at("north", () -> application.items().assertRead("n"));
			at("south", () -> application.items().assertRead("s", "t"));
			application.assertOperates("north", "south");
		}
	}

	private static Items south(Application application) {
		return Items.in(application.context().getBean("south", DataSource.class));
	}

	private static void at(String name, Runnable task) {
		place.set(name);
		try {
			task.run();
		}
		finally {
			place.remove();
		}
	}

	private Application startWith(Class<?> configuration) {
		return Application.start(this.machine, configuration, "app.north.jdbc-url=" + this.machine.url("north.db"),
				"app.south.jdbc-url=" + this.machine.url("south.db"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Two {

		@Bean
		@Primary
		@ConfigurationProperties("app.north")
		HikariDataSource north() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

		@Bean
		@ConfigurationProperties("app.south")
		HikariDataSource south() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Pools.class)
	static class Routing {

		@Bean
		@Primary
		DataSource routing(@Qualifier("north") DataSource north, @Qualifier("south") DataSource south) {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return place.get();
				}

			};
			routing.setTargetDataSources(Map.of("north", north, "south", south));
			routing.setDefaultTargetDataSource(north);
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Pools {

		@Bean
		@ConfigurationProperties("app.north")
		HikariDataSource north() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

		@Bean
		@ConfigurationProperties("app.south")
		HikariDataSource south() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

	}

}
