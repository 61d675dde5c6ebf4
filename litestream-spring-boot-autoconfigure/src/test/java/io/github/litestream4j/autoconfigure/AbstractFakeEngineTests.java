package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * An application with a replica, whose engine tells what is done with it.
 */
abstract class AbstractFakeEngineTests {

	final FakeEngine engine = new FakeEngine();

	@TempDir
	Path folder;

	/** Without a database. */
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
		return this.runner.withPropertyValues("spring.datasource.url=" + url());
	}

	Path file() {
		return this.folder.resolve("app.db");
	}

	String url() {
		return "jdbc:sqlite:" + file();
	}

}
