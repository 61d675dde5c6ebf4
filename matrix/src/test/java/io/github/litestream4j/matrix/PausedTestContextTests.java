package io.github.litestream4j.matrix;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two test classes, whose contexts are cached: while a test of one of them runs, the
 * other is paused. Here they are run as JUnit runs them.
 */
class PausedTestContextTests extends AbstractMatrixTests {

	@BeforeEach
	void name() {
		System.setProperty("matrix.disk", this.machine.disk().toString());
		System.setProperty("matrix.replica", this.machine.replica().toString());
	}

	@AfterEach
	void forget() {
		System.clearProperty("matrix.disk");
		System.clearProperty("matrix.replica");
	}

	@Test
	@DisplayName("Contexts: paused test contexts (`spring.test.context.cache.pause`)")
	void pausedTestContexts() throws Exception {
		try (Application first = run(First.class, "a"); Application second = run(Second.class, "s")) {
			assertThat(first.context().isRunning()).as("paused").isFalse();
			assertThat(second.context().isRunning()).isTrue();
			assertThat(run(First.class, "b").context()).isSameAs(first.context());
			assertThat(first.context().isRunning()).as("restarted").isTrue();
			assertThat(second.context().isRunning()).as("paused").isFalse();
			first.assertOperates("dataSource");
			run(Second.class, "t");
		}
		this.machine.lose();
		try (Application application = start("spring.datasource.url=" + this.machine.url("first.db"),
				replica("first"))) {
			application.items().assertRead("a", "b");
		}
		try (Application application = start("spring.datasource.url=" + this.machine.url("second.db"),
				replica("second"))) {
			application.items().assertRead("s", "t");
		}
	}

	private String replica(String name) {
		return "litestream.replica.url=file:" + this.machine.replica().resolve(name);
	}

	private static Application run(Class<?> test, String text) throws Exception {
		TestContextManager manager = new TestContextManager(test);
		manager.beforeTestClass();
		manager.prepareTestInstance(test.getDeclaredConstructor().newInstance());
		Application application = new Application(
				(ConfigurableApplicationContext) manager.getTestContext().getApplicationContext());
		application.items().write(text);
		manager.afterTestClass();
		return application;
	}

	@SpringBootTest(classes = Ordinary.class, webEnvironment = WebEnvironment.RANDOM_PORT)
	@TestPropertySource(properties = { "spring.datasource.url=jdbc:sqlite:${matrix.disk}/first.db",
			"litestream.replica.url=file:${matrix.replica}/first", "spring.flyway.enabled=false",
			"management.endpoints.web.exposure.include=health,litestream",
			"management.endpoint.health.show-details=always" })
	static class First {

	}

	@SpringBootTest(classes = Ordinary.class, webEnvironment = WebEnvironment.RANDOM_PORT)
	@TestPropertySource(properties = { "spring.datasource.url=jdbc:sqlite:${matrix.disk}/second.db",
			"litestream.replica.url=file:${matrix.replica}/second", "spring.flyway.enabled=false" })
	static class Second {

	}

}
