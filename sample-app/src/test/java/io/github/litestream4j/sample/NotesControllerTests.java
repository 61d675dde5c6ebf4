package io.github.litestream4j.sample;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class NotesControllerTests {

	private ConfigurableApplicationContext application;

	private NotesClient client;

	@BeforeEach
	void start(@TempDir Path folder) {
		SpringApplication sample = new SpringApplication(SampleApplication.class);
		sample.setMainApplicationClass(SampleApplication.class);
		sample.addListeners(new DataFolder());
		this.application = sample.run("--server.port=0", "--sample.data-folder=" + folder.resolve("data"));
		this.client = new NotesClient(
				this.application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

	@Test
	void listsTheNewestFirst() {
		this.client.add("one");
		this.client.add("two");
		this.client.add("<three>");
		JsonNode notes = this.client.get("/notes?limit=2").json();
		assertThat(notes.toString()).isEqualTo("[{\"id\":3,\"text\":\"<three>\"},{\"id\":2,\"text\":\"two\"}]");
		assertThat(this.client.count()).isEqualTo(3);
	}

	@Test
	void answersWithTheNoteThatWasAdded() {
		NotesClient.Answer answer = this.client.add("one");
		assertThat(answer.status()).isEqualTo(201);
		assertThat(answer.body()).isEqualTo("{\"id\":1,\"text\":\"one\"}");
	}

	@Test
	void refusesABlankNote() {
		assertThat(this.client.add(" \n").status()).isEqualTo(400);
		assertThat(this.client.post("/notes", "{}").status()).isEqualTo(400);
		assertThat(this.client.post("/notes", "no json").status()).isEqualTo(400);
		assertThat(this.client.count()).isZero();
	}

	@Test
	void refusesALimitThatIsNone() {
		assertThat(this.client.get("/notes?limit=0").status()).isEqualTo(400);
		assertThat(this.client.get("/notes?limit=1001").body()).contains("limit must be 1 to 1000, not 1001");
		assertThat(this.client.get("/notes?limit=all").status()).isEqualTo(400);
	}

	@Test
	void deletesANoteOnce() {
		this.client.add("one");
		assertThat(this.client.delete(1).status()).isEqualTo(204);
		assertThat(this.client.delete(1).status()).isEqualTo(404);
		assertThat(this.client.count()).isZero();
	}

	@Test
	void servesThePageAndTheMetrics() {
		assertThat(this.client.get("/").body()).contains("<title>Notes</title>");
		assertThat(this.client.get("/replica.js").status()).isEqualTo(200);
		assertThat(this.client.get("/style.css").status()).isEqualTo(200);
		assertThat(this.client.get("/actuator/prometheus").body()).contains("hikaricp_connections");
	}

}
