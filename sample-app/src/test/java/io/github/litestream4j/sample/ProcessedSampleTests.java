package io.github.litestream4j.sample;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample application as it runs in an image that was processed ahead of time: built
 * once with a replica in a folder, it is told at its start where its replica is.
 */
class ProcessedSampleTests {

	@TempDir
	Path build;

	@TempDir
	Path machine;

	@TempDir
	Path other;

	@Test
	void isBuiltOnceAndRunsInMoreThanOnePlace() throws Exception {
		ProcessedSample sample = ProcessedSample.in(this.build);
		try (RunningSample running = sample.start(this.machine, log("folder"),
				List.of("--management.endpoint.litestream.access=unrestricted"))) {
			assertThat(running.startOutput()).contains("Starting AOT-processed SampleApplication")
				.contains("Migrating schema");
			running.client().add("in a folder");
			running.client().awaitStored();
			assertThat(running.client().get("/actuator/health/litestream/dataSource").json().get("status").asString())
				.isEqualTo("UP");
			assertThat(running.client().call("POST", "/actuator/litestream/dataSource/sync").status()).isEqualTo(200);
		}
		assertThat(this.machine.resolve("data/replica/ltx/0")).isNotEmptyDirectory();
		S3Server server = S3Server.shared();
		List<String> settings = new ArrayList<>(RecoveryTests.s3(server, server.createBucket("sample-aot")));
		settings.add("--management.endpoint.litestream.access=read-only");
		try (RunningSample running = sample.start(this.other, log("s3"), settings)) {
			running.client().add("in S3");
			running.client().awaitStored();
			running.kill();
		}
		assertThat(this.other.resolve("data/replica")).doesNotExist();
		FileSystemUtils.deleteRecursively(this.other.resolve("data"));
		try (RunningSample running = sample.start(this.other, log("restored"), settings)) {
			assertThat(running.startOutput()).contains("No migration necessary").doesNotContain("Migrating schema");
			assertThat(running.client().get("/notes").body()).isEqualTo("[{\"id\":1,\"text\":\"in S3\"}]");
			assertAnswers(running);
		}
	}

	private static void assertAnswers(RunningSample running) {
		assertThat(running.client().get("/actuator/litestream/dataSource").json().get("replica").asString())
			.isEqualTo("s3://sample-aot/app");
		assertThat(running.client().get("/actuator/litestream/dataSource/generations").json()).hasSize(1);
		assertThat(running.client().call("POST", "/actuator/litestream/dataSource/sync").status()).isEqualTo(404);
		assertThat(running.client().get("/actuator/health").status()).isEqualTo(200);
		assertThat(running.client().get("/actuator/prometheus").body())
			.containsPattern("litestream_restore_seconds_count\\{[^}]*database=\"dataSource\"[^}]*} 1");
	}

	private Path log(String name) {
		return this.build.resolve(name + ".log");
	}

}
