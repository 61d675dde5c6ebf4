package io.github.litestream4j.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;

import org.jspecify.annotations.Nullable;

/**
 * A {@code jdbc:sqlite:} URL with its connection properties, read as the driver reads it:
 * which file it opens, and which settings it asks for. Only a URL that can be replicated
 * becomes one of these; reading it touches no file.
 */
public final class SqliteUrl {

	private static final String PREFIX = "jdbc:sqlite:";

	private final String value;

	private final Map<String, String> properties;

	private final SqliteParameters parameters;

	private final Path file;

	private SqliteUrl(String value, Map<String, String> properties, SqliteParameters parameters, Path file) {
		this.value = value;
		this.properties = properties;
		this.parameters = parameters;
		this.file = file;
	}

	/**
	 * Whether a URL is one of SQLite's.
	 * @param url any JDBC URL, or {@code null}
	 * @return whether the SQLite driver takes it
	 */
	public static boolean isSqlite(@Nullable String url) {
		return url != null && url.toLowerCase(Locale.ROOT).startsWith(PREFIX);
	}

	/**
	 * Read a URL that has no connection properties beside it.
	 * @param url the URL
	 * @return what it says
	 * @throws ConfigurationException when its database cannot be replicated
	 */
	public static SqliteUrl parse(String url) {
		return parse(url, Map.of());
	}

	/**
	 * Read a URL and the connection properties that are given to the driver beside it.
	 * Where both name a setting, the property wins, as in the driver.
	 * @param url the URL
	 * @param properties the connection properties
	 * @return what they say
	 * @throws ConfigurationException when the URL names no file, or when a setting
	 * contradicts replication
	 */
	public static SqliteUrl parse(String url, Map<String, String> properties) {
		if (!isSqlite(url)) {
			throw new ConfigurationException(
					"'" + ShownUrl.of(url) + "' is no SQLite URL: it must begin with '" + PREFIX + "'");
		}
		String value = url.trim();
		String address = value.substring(PREFIX.length());
		int question = address.indexOf('?');
		String name = (question < 0) ? address : address.substring(0, question);
		String shown = ShownUrl.of(value);
		SqliteParameters parameters = SqliteParameters.parse(shown,
				(question < 0) ? "" : address.substring(question + 1), properties);
		parameters.requireReplicable();
		return new SqliteUrl(value, Map.copyOf(properties), parameters, file(shown, name, parameters));
	}

	/**
	 * The URL of a file.
	 * @param file the database file
	 * @return its URL
	 */
	public static SqliteUrl of(Path file) {
		return parse(PREFIX + file.toAbsolutePath().normalize());
	}

	private static Path file(String url, String name, SqliteParameters parameters) {
		if (name.isEmpty() || name.startsWith(":memory:")) {
			throw withoutFile(url);
		}
		if (name.startsWith(":resource:")) {
			throw new ConfigurationException("'" + url + "' is a resource of the class path, which cannot be written: "
					+ "copy it to a file and name that, or set litestream.enabled=false");
		}
		String path = name;
		if (name.startsWith("file:")) {
			path = SqliteUri.path(url, name.substring("file:".length()));
		}
		else {
			parameters.requireOnlySettings();
		}
		if (path.isEmpty() || path.equals(":memory:")) {
			throw withoutFile(url);
		}
		try {
			return Path.of(path).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw new ConfigurationException("'" + url + "' does not name a file: " + ex.getMessage(), ex);
		}
	}

	private static ConfigurationException withoutFile(String url) {
		return new ConfigurationException("'" + url + "' is a temporary database or one in memory, and there is no "
				+ "file to replicate: name one, such as jdbc:sqlite:/var/lib/app/app.db, or set litestream.enabled=false");
	}

	/**
	 * The URL as it was given.
	 * @return the URL, with its parameters
	 */
	public String value() {
		return this.value;
	}

	/**
	 * The connection properties that were given beside the URL.
	 * @return the properties, without those of the URL
	 */
	public Map<String, String> properties() {
		return this.properties;
	}

	/**
	 * A setting of the driver, such as {@code busy_timeout}.
	 * @param name its name in lower case
	 * @return its value, empty when neither the URL nor the properties set it
	 */
	public Optional<String> setting(String name) {
		return this.parameters.setting(name);
	}

	/**
	 * The file that the URL names.
	 * @return the file, absolute and normalized, with its symbolic links
	 */
	public Path file() {
		return this.file;
	}

	/**
	 * The file as SQLite reports it: without symbolic links. The file need not exist, its
	 * folder must.
	 * @return the file
	 * @throws ConfigurationException when the folder is not there, or when a folder has
	 * the file's name
	 */
	public Path realFile() {
		return realFile(this.file, new HashMap<>());
	}

	private Path realFile(Path path, Map<Path, Path> followed) {
		Path folder = path.getParent();
		if (folder == null || Files.isDirectory(path)) {
			throw new ConfigurationException("'" + this + "' names a folder: name a file in it");
		}
		if (!Files.isDirectory(folder)) {
			throw new ConfigurationException("the folder of the database " + this.file + " is not there: create "
					+ folder + ", or correct '" + this + "'");
		}
		try {
			Path real = folder.toRealPath().resolve(path.getFileName());
			if (!Files.isSymbolicLink(real)) {
				return real;
			}
			// SQLite creates the target of a link that leads nowhere, so the link is
			// followed although the target may be missing
			Path target = real.resolveSibling(Files.readSymbolicLink(real)).normalize();
			if (followed.put(real, target) != null) {
				throw new ConfigurationException("the symbolic link " + real + " leads back to itself");
			}
			return realFile(target, followed);
		}
		catch (IOException ex) {
			throw new ConfigurationException("the database " + this.file + " cannot be found: " + ex.getMessage(), ex);
		}
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof SqliteUrl that && this.value.equals(that.value)
				&& this.properties.equals(that.properties);
	}

	@Override
	public int hashCode() {
		return this.value.hashCode();
	}

	/**
	 * The URL as messages may show it.
	 * @return the URL, without a password or a key
	 */
	@Override
	public String toString() {
		return ShownUrl.of(this.value);
	}

}
