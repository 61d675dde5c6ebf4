package io.github.litestream4j.matrix;

import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every environment is asked: rows are written, the machine is lost, and on the next
 * one they are there.
 */
@ExtendWith(Cells.class)
abstract class AbstractMatrixTests {

	@TempDir
	Path folder;

	Machine machine;

	@BeforeEach
	void prepare() {
		this.machine = Machine.in(this.folder);
	}

	@AfterEach
	void nothingIsLeftRunning() {
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("litestream"));
	}

	/**
	 * The whole way of an application with one database.
	 */
	void assertSurvives(String... settings) {
		try (Application application = start(settings)) {
			application.items().write("a", "b", "c");
			application.assertOperates("dataSource");
		}
		this.machine.lose();
		try (Application application = start(settings)) {
			application.items().assertRead("a", "b", "c");
			application.items().write("d");
			application.assertOperates("dataSource");
		}
		this.machine.lose();
		try (Application application = start(settings)) {
			application.items().assertRead("a", "b", "c", "d");
		}
	}

	Application start(String... settings) {
		return Application.start(this.machine, Ordinary.class, oneDatabase(settings));
	}

	String[] oneDatabase(String... settings) {
		return Stream.concat(Stream.of("spring.datasource.url=" + this.machine.url("app.db")), Stream.of(settings))
			.toArray(String[]::new);
	}

	/** An application that leaves everything to Spring Boot. */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Ordinary {

	}

}
