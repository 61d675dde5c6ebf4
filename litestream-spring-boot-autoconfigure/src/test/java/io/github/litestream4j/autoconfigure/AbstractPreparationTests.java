package io.github.litestream4j.autoconfigure;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.sqlite.SQLiteDataSource;

import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with a replicated database.
 */
abstract class AbstractPreparationTests extends AbstractFakeEngineTests {

	void assertReportsCommits(DataSource dataSource) throws SQLException {
		Connections.execute(dataSource, "CREATE TABLE IF NOT EXISTS t (x)");
		int before = this.engine.commits.get();
		Connections.execute(dataSource, "INSERT INTO t VALUES (1)");
		assertThat(this.engine.commits).hasValue(before + 1);
		assertThat(Connections.query(dataSource, "PRAGMA wal_autocheckpoint")).isEqualTo("0");
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
