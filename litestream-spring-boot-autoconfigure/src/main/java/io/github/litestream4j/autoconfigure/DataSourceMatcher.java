package io.github.litestream4j.autoconfigure;

import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.jdbc.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Finds the database that a {@code DataSource} bean is on. What is SQLite and on none of
 * them fails the start: it would silently not be replicated.
 */
final class DataSourceMatcher {

	private final ObjectProvider<DatabaseSessions> sessions;

	private final ObjectProvider<LitestreamProperties> properties;

	DataSourceMatcher(ObjectProvider<DatabaseSessions> sessions, ObjectProvider<LitestreamProperties> properties) {
		this.sessions = sessions;
		this.properties = properties;
	}

	/**
	 * The database of a bean.
	 * @param beanName the bean
	 * @param url its URL, or {@code null} when it does not tell
	 * @param connectionProperties what is given to the driver beside the URL
	 * @return the match, empty for what is not to be replicated
	 */
	Optional<Match> find(String beanName, @Nullable String url, Map<String, String> connectionProperties) {
		if (!this.properties.getObject().database(beanName).enabled()) {
			return Optional.empty();
		}
		// asking for the sessions restores the databases, should this bean have escaped
		// the order of definitions
		DatabaseSessions open = this.sessions.getObject();
		if (!open.isActive()) {
			return Optional.empty();
		}
		Optional<ReplicatedDatabase> expected = open.of(beanName);
		if (url == null) {
			return expected.map((database) -> new Match(database, null));
		}
		if (!SqliteUrl.isSqlite(url)) {
			expected.ifPresent((database) -> {
				throw new ConfigurationException("the DataSource bean '" + beanName + "' was expected on "
						+ database.file() + ", but is no SQLite database: remove litestream.databases." + beanName
						+ ".path, or set litestream.databases." + beanName + ".enabled=false");
			});
			return Optional.empty();
		}
		SqliteUrl sqlite = parse(beanName, url, connectionProperties);
		return Optional.of(new Match(match(beanName, expected, open.on(sqlite.realFile()), sqlite), sqlite));
	}

	/**
	 * Refuse a {@code DataSource} on SQLite that stands behind a bean and is none itself.
	 * @param beanName the bean
	 * @param url the URL of what is behind it, or {@code null} when it does not tell
	 */
	void refuseHidden(String beanName, @Nullable String url) {
		if (url == null || !SqliteUrl.isSqlite(url) || !this.properties.getObject().database(beanName).enabled()
				|| !this.sessions.getObject().isActive()) {
			return;
		}
		throw new ConfigurationException("the DataSource bean '" + beanName + "' routes to "
				+ parse(beanName, url, Map.of()).realFile() + " by a DataSource that is no bean, which would not be "
				+ "replicated: make that one a bean, or set litestream.databases." + beanName + ".enabled=false");
	}

	private static ReplicatedDatabase match(String beanName, Optional<ReplicatedDatabase> expected,
			Optional<ReplicatedDatabase> found, SqliteUrl url) {
		if (expected.isPresent() && !expected.equals(found)) {
			throw new ConfigurationException(
					"the DataSource bean '" + beanName + "' was expected on " + expected.get().file() + ", but is on "
							+ url.realFile() + ": set litestream.databases." + beanName + ".path to that");
		}
		return found.orElseThrow(() -> new ConfigurationException("the DataSource bean '" + beanName + "' is on "
				+ url.realFile() + ", which was not known before the bean was made and is not replicated: set "
				+ "litestream.databases." + beanName + ".path to it, or litestream.databases." + beanName
				+ ".enabled=false"));
	}

	static SqliteUrl parse(String beanName, String url, Map<String, String> connectionProperties) {
		try {
			return SqliteUrl.parse(url, connectionProperties);
		}
		catch (ConfigurationException ex) {
			throw new ConfigurationException("the DataSource bean '" + beanName + "' cannot be replicated: "
					+ ex.getMessage() + " (litestream.databases." + beanName + ".enabled=false leaves it alone)", ex);
		}
	}

	/**
	 * A database, and the URL that a bean reaches it by.
	 *
	 * @param database the database
	 * @param url the URL, or {@code null} when the bean does not tell
	 */
	record Match(ReplicatedDatabase database, @Nullable SqliteUrl url) {

	}

}
