package io.github.litestream4j.jdbc;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.litestream4j.ConfigurationException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * What stands behind the question mark of a URL, with the connection properties: settings
 * that the driver takes out, and URI parameters that it leaves to SQLite.
 */
final class SqliteParameters {

	private static final Set<String> SETTINGS = Arrays.stream(SQLiteConfig.Pragma.values())
		.map(SQLiteConfig.Pragma::getPragmaName)
		.collect(Collectors.toUnmodifiableSet());

	private final String url;

	private final Map<String, String> settings;

	private final Map<String, String> uriParameters;

	private SqliteParameters(String url, Map<String, String> settings, Map<String, String> uriParameters) {
		this.url = url;
		this.settings = settings;
		this.uriParameters = uriParameters;
	}

	static SqliteParameters parse(String url, String query, Map<String, String> properties) {
		Map<String, String> settings = new HashMap<>();
		Map<String, String> uriParameters = new HashMap<>();
		for (String parameter : query.split("&")) {
			String[] pair = parameter.trim().split("=", 2);
			String name = pair[0].trim();
			String value = (pair.length < 2) ? "" : pair[1].trim();
			String setting = name.toLowerCase(Locale.ROOT);
			if (SETTINGS.contains(setting)) {
				if (!value.isEmpty()) {
					settings.put(setting, value);
				}
			}
			else if (!name.isEmpty()) {
				uriParameters.put(name, value);
			}
		}
		settings.putAll(properties);
		return new SqliteParameters(url, settings, uriParameters);
	}

	Optional<String> setting(String name) {
		return Optional.ofNullable(this.settings.get(name));
	}

	/**
	 * Without {@code file:} SQLite reads no parameters: the driver would make them a part
	 * of the file's name.
	 */
	void requireOnlySettings() {
		if (!this.uriParameters.isEmpty()) {
			throw new ConfigurationException("the SQLite driver does not know the parameter '"
					+ this.uriParameters.keySet().iterator().next() + "' of '" + this.url
					+ "' and would make it a part of the file's name: correct it, or write the path as file:/path");
		}
	}

	/**
	 * Replication needs a file that this process writes, in WAL mode, with locks that
	 * other connections see, and checkpoints that are its own.
	 */
	void requireReplicable() {
		refuse(!isOneOf("journal_mode", "wal"), "journal_mode", "replication needs journal_mode=WAL, and sets it");
		refuse(!isOneOf("wal_autocheckpoint", "0"), "wal_autocheckpoint",
				"checkpoints are made by replication only, which sets it to 0 (litestream.checkpoint.* say when)");
		refuse(!isOneOf("locking_mode", "normal"), "locking_mode", "replication needs connections of its own");
		refuse(!isOneOf("shared_cache", "false", "off", "no", "0"), "shared_cache",
				"replication needs transactions of its own, which connections of a shared cache do not have");
		refuse(setting("journal_size_limit").isPresent(), "journal_size_limit",
				"replication sets it from litestream.checkpoint.max-pages");
		setting("open_mode").ifPresent((mode) -> refuse(isReadOnly(mode), "open_mode",
				"a read-only database has nothing to replicate (litestream.enabled=false switches it off)"));
		refuseUri("mode", "memory", "a database in memory has no file to replicate");
		refuseUri("mode", "ro", "a read-only database has nothing to replicate");
		refuseUri("immutable", null, "a database that cannot change has nothing to replicate");
		refuseUri("nolock", null, "without locks, replication and the application overwrite each other");
		refuseUri("cache", "shared", "replication needs transactions of its own");
		refuseUri("vfs", null, "replication reads the file and its write-ahead log as SQLite's default VFS keeps them");
	}

	private boolean isOneOf(String name, String... allowed) {
		String value = this.settings.get(name);
		return value == null || Arrays.asList(allowed).contains(value.toLowerCase(Locale.ROOT));
	}

	private boolean isReadOnly(String mode) {
		try {
			return (Integer.parseInt(mode) & SQLiteOpenMode.READWRITE.flag) == 0;
		}
		catch (NumberFormatException ex) {
			throw new ConfigurationException("open_mode=" + mode + " of '" + this.url + "' is no number", ex);
		}
	}

	private void refuse(boolean refused, String name, String reason) {
		if (refused) {
			throw new ConfigurationException(name + "=" + this.settings.get(name) + " of '" + this.url
					+ "' cannot be honoured: " + reason + ". Remove it");
		}
	}

	private void refuseUri(String name, @Nullable String value, String reason) {
		String found = this.uriParameters.get(name);
		boolean off = value == null && ("0".equals(found) || "false".equalsIgnoreCase(found));
		if (found != null && !off && (value == null || value.equalsIgnoreCase(found))) {
			throw new ConfigurationException(name + "=" + found + " of '" + this.url + "' cannot be honoured: " + reason
					+ ". Remove it, or set litestream.enabled=false");
		}
	}

}
