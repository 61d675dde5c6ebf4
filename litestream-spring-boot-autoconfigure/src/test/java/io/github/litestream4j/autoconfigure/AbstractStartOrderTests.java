package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;

import javax.sql.DataSource;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose database is restored as it starts.
 */
abstract class AbstractStartOrderTests {

	final FakeEngine engine = new FakeEngine();

	@TempDir
	Path folder;

	ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
			.withBean(SessionOpener.class, () -> this.engine)
			.withPropertyValues("litestream.replica.url=file:" + this.folder.resolve("replica"));
	}

	ApplicationContextRunner withUrl() {
		return this.runner.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + file());
	}

	Path file() {
		return this.folder.resolve("app.db");
	}

	/**
	 * The file was not there when the engine opened it, and what it restored is what the
	 * application sees.
	 */
	ContextConsumer<AssertableApplicationContext> restoredFirst() {
		return (context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.engine.events).first().isEqualTo("open " + this.engine.plans.keySet().iterator().next());
			assertThat(Connections.query(context.getBean(DataSource.class), "SELECT count(*) FROM restored"))
				.isEqualTo("1");
		};
	}

}
