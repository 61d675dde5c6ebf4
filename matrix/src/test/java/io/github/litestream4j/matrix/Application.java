package io.github.litestream4j.matrix;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A running application, in the JVM of the tests.
 *
 * @param context its context
 */
record Application(ConfigurableApplicationContext context) implements AutoCloseable {

	static Application start(Machine machine, Class<?> configuration, String... settings) {
		return new Application(
				new SpringApplicationBuilder(configuration).run(arguments(machine, Arrays.asList(settings))));
	}

	/**
	 * What the README tells a user to set, and what lets the tests look.
	 */
	static String[] arguments(Machine machine, List<String> settings) {
		Map<String, String> values = new LinkedHashMap<>();
		List.of("server.port=0", "spring.main.banner-mode=off", "spring.main.register-shutdown-hook=false",
				"spring.flyway.enabled=false", "litestream.replica.url=file:" + machine.replica() + "/{database}",
				"management.endpoints.web.exposure.include=health,litestream",
				"management.endpoint.health.show-details=always")
			.forEach((setting) -> put(values, setting));
		settings.forEach((setting) -> put(values, setting));
		return values.entrySet()
			.stream()
			.map((value) -> "--" + value.getKey() + "=" + value.getValue())
			.toArray(String[]::new);
	}

	private static void put(Map<String, String> values, String setting) {
		int equals = setting.indexOf('=');
		values.put(setting.substring(0, equals), setting.substring(equals + 1));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	Items items() {
		return new Items(bean(JdbcTemplate.class));
	}

	Web web() {
		return new Web(port("local.server.port"));
	}

	Web management() {
		return new Web(port("local.management.port"));
	}

	private int port(String property) {
		return this.context.getEnvironment().getRequiredProperty(property, Integer.class);
	}

	/**
	 * Health and the endpoint know these databases, and without leave nothing can be
	 * done.
	 */
	void assertOperates(String... databases) {
		assertOperates(web(), databases);
	}

	static void assertOperates(Web web, String... databases) {
		Web.Answer health = web.get("/actuator/health");
		assertThat(health.status()).as(health.body()).isEqualTo(200);
		assertThat(health.json().get("status").asString()).as(health.body()).isEqualTo("UP");
		Web.Answer endpoint = web.get("/actuator/litestream");
		assertThat(endpoint.status()).as(endpoint.body()).isEqualTo(200);
		assertThat(endpoint.json().get("databases").propertyNames()).containsExactlyInAnyOrder(databases);
		for (String database : databases) {
			assertThat(health.json().at("/components/litestream/components/" + database + "/status").asString())
				.as(health.body())
				.isEqualTo("UP");
			Web.Answer one = web.get("/actuator/litestream/" + database);
			assertThat(one.json().get("status").asString()).as(one.body()).isEqualTo("running");
			assertThat(web.post("/actuator/litestream/" + database + "/sync").status()).isEqualTo(404);
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

}
