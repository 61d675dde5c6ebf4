package io.github.litestream4j.matrix;

import java.util.List;

import javax.sql.DataSource;

import io.github.litestream4j.autoconfigure.LitestreamAutoConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.sqlite.JDBC;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Contexts that are several, pause, or do not start.
 */
class ContextTests extends AbstractMatrixTests {

	@Test
	@DisplayName("Contexts: management on another port")
	void managementPort() {
		try (Application application = start("management.server.port=0")) {
			application.items().write("a");
			Application.assertOperates(application.management(), "dataSource");
			assertThat(application.web().get("/actuator/litestream").status()).isEqualTo(404);
		}
		this.machine.lose();
		try (Application application = start("management.server.port=0",
				"management.endpoint.litestream.access=unrestricted")) {
			application.items().assertRead("a");
			application.items().write("b");
			Web.Answer sync = application.management().post("/actuator/litestream/dataSource/sync");
			assertThat(sync.status()).as(sync.body()).isEqualTo(200);
			assertThat(sync.json().get("txid").asString()).matches("[0-9a-f]{16}");
			assertThat(application.management().post("/actuator/litestream/other/sync").status()).isEqualTo(404);
			assertThat(application.management().post("/actuator/litestream/dataSource/other").status()).isEqualTo(400);
			assertThat(application.web().post("/actuator/litestream/dataSource/sync").status()).isEqualTo(404);
		}
		this.machine.lose();
		try (Application application = start()) {
			application.items().assertRead("a", "b");
		}
	}

	@Test
	@DisplayName("Contexts: database in the parent, web in the child, both auto-configured")
	void parentAndChild() {
		assertChildOperates(Ordinary.class);
	}

	@Test
	@DisplayName("Contexts: database in the parent, actuator in the child only")
	void actuatorInTheChildOnly() {
		assertChildOperates(DatabaseOnly.class);
	}

	private void assertChildOperates(Class<?> parent) {
		try (Application database = startParent(parent)) {
			try (Application application = startBelow(database)) {
				application.items().write("a", "b");
				application.assertOperates("dataSource");
			}
			database.items().write("c");
		}
		this.machine.lose();
		try (Application database = startParent(parent); Application application = startBelow(database)) {
			application.items().assertRead("a", "b", "c");
			application.assertOperates("dataSource");
		}
	}

	private Application startParent(Class<?> configuration) {
		return new Application(new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.run(Application.arguments(this.machine, List.of(oneDatabase()))));
	}

	private Application startBelow(Application parent) {
		return new Application(new SpringApplicationBuilder(Ordinary.class).parent(parent.context())
			.run(Application.arguments(this.machine, List.of())));
	}

	@Test
	@DisplayName("Contexts: `pause()` and `restart()`")
	void pauseAndRestart() {
		try (Application application = start()) {
			application.items().write("a");
			application.context().pause();
			assertThat(application.context().isRunning()).isFalse();
			application.items().write("b");
			application.context().restart();
			application.items().write("c");
			application.assertOperates("dataSource");
		}
		this.machine.lose();
		try (Application application = start()) {
			application.items().assertRead("a", "b", "c");
			application.assertOperates("dataSource");
		}
	}

	@Test
	@DisplayName("Contexts: a start that fails in a migration")
	void brokenMigration() {
		List<String> committed = failToStart();
		this.machine.lose();
		try (Application application = startMigrating("classpath:db/good")) {
			assertThat(application.items().read()).as("stored though the start failed").isEqualTo(committed);
			application.items().write("d");
			application.assertOperates("dataSource");
		}
		assertThat(failToStart()).as("the lock was released").hasSize(4).startsWith(committed.toArray(String[]::new));
		try (Application application = startMigrating("classpath:db/good")) {
			assertThat(application.items().read()).hasSize(4);
			application.assertOperates("dataSource");
		}
	}

	private List<String> failToStart() {
		assertThatException().isThrownBy(() -> startMigrating("classpath:db/good,classpath:db/broken"))
			.withStackTraceContaining("V2__broken.sql");
		nothingIsLeftRunning();
		return Items.in(plain()).read();
	}

	private Application startMigrating(String locations) {
		return start("spring.flyway.enabled=true", "spring.flyway.locations=" + locations);
	}

	/** As any program opens the file, while no application runs. */
	private DataSource plain() {
		return new SimpleDriverDataSource(new JDBC(), this.machine.url("app.db"));
	}

	/** A parent without the actuator. */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			LitestreamAutoConfiguration.class })
	static class DatabaseOnly {

	}

}
