package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with a replicated database.
 */
abstract class AbstractPreparationTests {

	final FakeEngine engine = new FakeEngine();

	final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
		.withBean(SessionOpener.class, () -> this.engine);

	@TempDir
	Path folder;

	ApplicationContextRunner runner() {
		return this.runner.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + file(),
				"litestream.replica.url=file:" + this.folder.resolve("replica"));
	}

	Path file() {
		return this.folder.resolve("app.db");
	}

	void assertReportsCommits(DataSource dataSource) throws SQLException {
		Connections.execute(dataSource, "CREATE TABLE IF NOT EXISTS t (x)");
		int before = this.engine.commits.get();
		Connections.execute(dataSource, "INSERT INTO t VALUES (1)");
		assertThat(this.engine.commits).hasValue(before + 1);
		assertThat(Connections.query(dataSource, "PRAGMA wal_autocheckpoint")).isEqualTo("0");
	}

	String url() {
		return "jdbc:sqlite:" + file();
	}

	SQLiteDataSource driversOwn() {
		SQLiteDataSource dataSource = new SQLiteDataSource();
		dataSource.setUrl(url());
		return dataSource;
	}

	static HikariDataSource started(Environment environment) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
		config.setMaximumPoolSize(2);
		return new HikariDataSource(config);
	}

}
