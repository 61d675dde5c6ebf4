package io.github.litestream4j.sample;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The actuator on a port that the application's users do not reach.
 */
class ManagementPortTests {

	@Test
	void answersOnAPortOfItsOwn(@TempDir Path folder) {
		SpringApplication sample = new SpringApplication(SampleApplication.class);
		sample.setMainApplicationClass(SampleApplication.class);
		sample.addListeners(new DataFolder());
		try (ConfigurableApplicationContext application = sample.run("--server.port=0", "--management.server.port=0",
				"--management.endpoint.litestream.access=read-only",
				"--sample.data-folder=" + folder.resolve("data"))) {
			NotesClient users = client(application, "local.server.port");
			NotesClient operators = client(application, "local.management.port");
			users.add("a note");
			assertThat(users.get("/actuator/litestream").status()).isEqualTo(404);
			assertThat(operators.get("/actuator/litestream/dataSource").json().get("status").asString())
				.isEqualTo("running");
			assertThat(operators.get("/actuator/health/litestream/dataSource").status()).isEqualTo(200);
			assertThat(operators.get("/actuator/prometheus").body()).contains("litestream_lag_seconds{");
			assertThat(operators.call("POST", "/actuator/litestream/dataSource/sync").status()).isEqualTo(404);
			assertThat(operators.get("/notes").status()).isEqualTo(404);
		}
	}

	private static NotesClient client(ConfigurableApplicationContext application, String port) {
		return new NotesClient(application.getEnvironment().getRequiredProperty(port, Integer.class));
	}

}
