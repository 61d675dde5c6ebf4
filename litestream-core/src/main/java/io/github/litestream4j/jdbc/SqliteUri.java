package io.github.litestream4j.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;

import io.github.litestream4j.ConfigurationException;

/**
 * The path of a {@code file:} URI by SQLite's rules, which are not those of
 * {@link java.net.URI}: a relative path is one, and a wrong escape is taken literally.
 * See sqlite.org/uri.html.
 */
final class SqliteUri {

	private SqliteUri() {
	}

	/**
	 * The path of a URI.
	 * @param url the JDBC URL, for messages
	 * @param rest what follows {@code file:}, up to the question mark
	 * @return the path, empty for a temporary database
	 */
	static String path(String url, String rest) {
		String path = rest;
		if (path.startsWith("//")) {
			int slash = path.indexOf('/', 2);
			String authority = (slash < 0) ? path.substring(2) : path.substring(2, slash);
			if (!authority.isEmpty() && !authority.equals("localhost")) {
				throw new ConfigurationException(
						"'" + url + "' names the host '" + authority.substring(authority.lastIndexOf('@') + 1)
								+ "': a database file is local, write file:/path or file:///path");
			}
			path = (slash < 0) ? "" : path.substring(slash);
		}
		int hash = path.indexOf('#');
		if (hash >= 0) {
			path = path.substring(0, hash);
		}
		path = decode(path);
		if (File.separatorChar == '\\' && path.matches("/[A-Za-z]:.*")) {
			path = path.substring(1);
		}
		return path;
	}

	private static String decode(String path) {
		if (path.indexOf('%') < 0) {
			return path;
		}
		byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
		ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
		for (int i = 0; i < bytes.length; i++) {
			int value = (bytes[i] == '%' && i + 2 < bytes.length)
					? Character.digit(bytes[i + 1], 16) * 16 + Character.digit(bytes[i + 2], 16) : -1;
			if (value >= 0 && Character.digit(bytes[i + 2], 16) >= 0) {
				decoded.write(value);
				i += 2;
			}
			else {
				decoded.write(bytes[i]);
			}
		}
		return decoded.toString(StandardCharsets.UTF_8);
	}

}
