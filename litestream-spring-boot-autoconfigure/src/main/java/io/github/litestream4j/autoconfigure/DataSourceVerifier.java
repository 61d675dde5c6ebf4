package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import io.github.litestream4j.ConfigurationException;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Asks the application's own connections whether they are what replication relies on.
 */
final class DataSourceVerifier {

	private final ConfigurableListableBeanFactory beanFactory;

	DataSourceVerifier(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Borrow a connection and look. A lazy bean that nobody has asked for yet stays
	 * unmade.
	 * @param name the {@code DataSource} bean
	 * @param file the file that it must be on
	 */
	void verify(String name, Path file) {
		if (!this.beanFactory.containsSingleton(name)) {
			return;
		}
		DataSource dataSource = this.beanFactory.getBean(name, DataSource.class);
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			require(name, "file", file.toString(),
					query(statement, "SELECT file FROM pragma_database_list WHERE name = 'main'"));
			require(name, "journal_mode", "wal", query(statement, "PRAGMA journal_mode"));
			require(name, "wal_autocheckpoint", "0", query(statement, "PRAGMA wal_autocheckpoint"));
		}
		catch (SQLException ex) {
			throw new ConfigurationException("the DataSource bean '" + name + "' gives no connection to " + file
					+ " that can be replicated: " + ex.getMessage(), ex);
		}
	}

	private static void require(String name, String what, String expected, String found) {
		if (!expected.equals(found)) {
			throw new ConfigurationException("a connection of the DataSource bean '" + name + "' has the " + what + " '"
					+ found + "', but replication needs '" + expected + "': "
					+ (what.equals("file") ? "correct litestream.databases." + name + ".path"
							: "remove what sets it after the connection is opened"));
		}
	}

	private static String query(Statement statement, String sql) throws SQLException {
		try (ResultSet rows = statement.executeQuery(sql)) {
			return rows.next() ? rows.getString(1) : "";
		}
	}

}
