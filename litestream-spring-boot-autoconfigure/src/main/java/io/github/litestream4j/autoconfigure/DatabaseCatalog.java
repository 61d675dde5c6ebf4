package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.autoconfigure.LitestreamProperties.Database;
import io.github.litestream4j.jdbc.SqliteUrl;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.Environment;

/**
 * Settles which databases there are, one for each file, before any {@code DataSource}
 * exists.
 */
final class DatabaseCatalog {

	private static final String EXIT = DefaultLifecycleProcessor.EXIT_PROPERTY_NAME;

	private final LitestreamProperties properties;

	private final DataSourceUrls urls;

	private final DatabasePlanner planner;

	private final Map<Path, DatabasePlan> plans = new LinkedHashMap<>();

	private final Map<String, Path> files = new LinkedHashMap<>();

	private final List<String> unknown = new ArrayList<>();

	DatabaseCatalog(LitestreamProperties properties, DataSourceUrls urls) {
		this.properties = properties;
		this.urls = urls;
		this.planner = new DatabasePlanner(properties);
	}

	/**
	 * The databases of a context. There are none while an image of the application is
	 * trained, which must touch nothing, and none in a context that has no
	 * {@code DataSource} because its parent has them.
	 */
	static DatabaseCatalog of(LitestreamProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		DatabaseCatalog catalog = new DatabaseCatalog(properties, new DataSourceUrls(beanFactory, environment));
		boolean training = "onRefresh".equalsIgnoreCase(SpringProperties.getProperty(EXIT));
		DataSourceDefinitions definitions = new DataSourceDefinitions(beanFactory, properties);
		Set<String> candidates = definitions.candidates();
		// the condition on litestream.enabled is settled when an image is built
		if (properties.enabled() && !training && !(candidates.isEmpty() && isInParent(beanFactory))) {
			catalog.settle(candidates, definitions.names());
		}
		return catalog;
	}

	private static boolean isInParent(ConfigurableListableBeanFactory beanFactory) {
		BeanFactory parent = beanFactory.getParentBeanFactory();
		return parent != null && parent.getBeanProvider(LitestreamDatabases.class).stream().findAny().isPresent();
	}

	/**
	 * Settle them.
	 * @param candidates the {@code DataSource} beans that may be on a database
	 * @param names all {@code DataSource} beans
	 */
	void settle(Set<String> candidates, Set<String> names) {
		for (String name : candidates) {
			if (isEnabled(name)) {
				settle(name);
			}
		}
		settleTheOnlyUnknown();
		requireKnown(names);
		requireSeparate();
	}

	private void settle(String name) {
		Database own = own(name);
		Optional<String> url = this.urls.of(name);
		if (own.path() != null) {
			add(name, configured(name, own.path(), url));
		}
		else if (url.isEmpty()) {
			this.unknown.add(name);
		}
		else if (SqliteUrl.isSqlite(url.get())) {
			add(name, this.urls.parse(name, url.get()));
		}
	}

	private SqliteUrl configured(String name, String path, Optional<String> url) {
		SqliteUrl configured = SqliteUrl.of(Path.of(path));
		if (url.isEmpty()) {
			return configured;
		}
		SqliteUrl found = this.urls.parse(name, url.get());
		if (!found.realFile().equals(configured.realFile())) {
			throw new ConfigurationException("litestream.databases." + name + ".path is " + configured.realFile()
					+ ", but the DataSource bean '" + name + "' is on " + found.realFile() + ": remove the path");
		}
		return found;
	}

	private void settleTheOnlyUnknown() {
		Optional<String> general = this.urls.general().filter(SqliteUrl::isSqlite);
		if (this.unknown.size() == 1 && general.isPresent()) {
			SqliteUrl url = this.urls.parse(this.unknown.get(0), general.get());
			if (!this.plans.containsKey(url.realFile())) {
				add(this.unknown.remove(0), url);
			}
		}
	}

	private void add(String name, SqliteUrl url) {
		Path file = url.realFile();
		this.files.put(name, file);
		DatabasePlan other = this.plans.get(file);
		if (other == null) {
			this.plans.put(file, this.planner.plan(name, url, own(name)));
		}
		else if (own(name).hasOwnSettings()) {
			throw new ConfigurationException(
					"the DataSource beans '" + other.name() + "' and '" + name + "' are on the same file " + file
							+ ", which is replicated once: remove litestream.databases." + name + ".*, all but path");
		}
	}

	private void requireKnown(Set<String> names) {
		for (String name : this.properties.databases().keySet()) {
			if (names.stream().noneMatch((bean) -> LitestreamProperties.isNamed(name, bean))) {
				throw new ConfigurationException("litestream.databases." + name
						+ " names no DataSource bean: correct it to one of " + names + ", or remove it");
			}
		}
		if (!this.plans.isEmpty()) {
			return;
		}
		if (!this.unknown.isEmpty()) {
			throw new ConfigurationException("the database file of the DataSource bean '" + this.unknown.get(0)
					+ "' is not known before the bean is made, and must be restored before that: set litestream.databases."
					+ this.unknown.get(0) + ".path to it, or set litestream.enabled=false");
		}
		throw new ConfigurationException((names.isEmpty() ? "there is no DataSource bean"
				: "none of the DataSource beans " + names + " is on a SQLite file that is to be replicated")
				+ ": set spring.datasource.url=jdbc:sqlite:/path/app.db, or set litestream.enabled=false");
	}

	private void requireSeparate() {
		List<DatabasePlan> checked = new ArrayList<>();
		for (DatabasePlan plan : this.plans.values()) {
			for (DatabasePlan other : checked) {
				if (plan.replica().equals(other.replica())) {
					throw new ConfigurationException("the databases '" + other.name() + "' and '" + plan.name()
							+ "' would both be stored in " + plan.replica()
							+ ": write {database} into litestream.replica.url, or set litestream.databases."
							+ plan.name() + ".replica.url");
				}
				if (plan.settings().stagingDirectory().equals(other.settings().stagingDirectory())) {
					throw new ConfigurationException("the databases '" + other.name() + "' and '" + plan.name()
							+ "' would share the folder " + plan.settings().stagingDirectory()
							+ ": write {database} into litestream.staging-directory");
				}
			}
			checked.add(plan);
		}
	}

	private boolean isEnabled(String name) {
		return own(name).enabled();
	}

	private Database own(String name) {
		return this.properties.database(name);
	}

	Collection<DatabasePlan> plans() {
		return this.plans.values();
	}

	/**
	 * The files that are known by the names of their beans.
	 */
	Map<String, Path> files() {
		return this.files;
	}

}
