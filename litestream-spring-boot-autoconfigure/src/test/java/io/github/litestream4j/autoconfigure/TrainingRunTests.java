package io.github.litestream4j.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.testsupport.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run that only trains an image of the application (CDS, AOT cache) makes all beans, on
 * a build machine: it must not reach for the replica, and leave nothing behind.
 */
class TrainingRunTests {

	@TempDir
	Path folder;

	@Test
	void touchesNothing() {
		Path log = this.folder.resolve("log");
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		try (ChildProcess process = ChildProcess.startJava(
				List.of("-Dspring.context.exit=onRefresh", "-cp", classPath, TrainingRunTests.class.getName(),
						"--spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
						"--litestream.replica.url=s3://bucket/app", "--logging.level.root=warn"),
				Map.of(), this.folder, log)) {
			assertThat(process.await(Duration.ofSeconds(60))).as(() -> process.output()).isZero();
		}
		assertThat(this.folder.resolve("app.db")).doesNotExist();
		assertThat(Files.exists(log)).isTrue();
		assertThat(this.folder.toFile().list()).containsExactly("log");
	}

	/**
	 * The application that is trained.
	 * @param arguments its properties
	 */
	public static void main(String[] arguments) {
		SpringApplication.run(BadInputTests.Application.class, arguments);
		throw new IllegalStateException("not reached: the context exits when it is refreshed");
	}

}
