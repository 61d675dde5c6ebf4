package io.github.litestream4j.storage;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.litestream4j.ConfigurationException;

/**
 * Reads replica URLs. Written by hand since {@link java.net.URI} refuses spaces and
 * letters outside ASCII, and quotes the whole text, credentials and all, in its errors.
 */
final class ReplicaUrlParser {

	private static final String FORMS = "write s3://bucket/prefix or file:/folder";

	private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+");

	private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{2,62}");

	private static final Pattern DRIVE = Pattern.compile("/[A-Za-z]:.*");

	private final String url;

	private ReplicaUrlParser(String url) {
		this.url = url;
	}

	static ReplicaUrl parse(String url) {
		return new ReplicaUrlParser(url.strip()).parse();
	}

	private ReplicaUrl parse() {
		if (this.url.isEmpty()) {
			throw new ConfigurationException("The replica's URL is empty: " + FORMS);
		}
		int colon = this.url.indexOf(':');
		String scheme = (colon < 0) ? "" : this.url.substring(0, colon);
		if (!SCHEME.matcher(scheme).matches()) {
			throw refused("has no scheme", FORMS);
		}
		String rest = this.url.substring(colon + 1);
		return switch (scheme.toLowerCase(Locale.ROOT)) {
			case "s3" -> s3(rest);
			case "file" -> file(rest);
			default -> throw refused("has the unknown scheme '" + scheme + "'", FORMS);
		};
	}

	private ReplicaUrl s3(String rest) {
		if (!rest.startsWith("//")) {
			throw refused("names no bucket", "write s3://bucket/prefix, with two slashes");
		}
		int slash = rest.indexOf('/', 2);
		String bucket = (slash < 0) ? rest.substring(2) : rest.substring(2, slash);
		if (bucket.contains("@") || bucket.contains(":")) {
			throw refused("has credentials or a port in it",
					"write s3://bucket/prefix and set credentials and endpoint on the S3 client");
		}
		refuseSpecialCharacters();
		if (bucket.isEmpty()) {
			throw refused("names no bucket", "write s3://bucket/prefix");
		}
		if (!BUCKET.matcher(bucket).matches()) {
			throw refused("names the bucket '" + bucket + "', which cannot be one",
					"a bucket has 3 to 63 letters, digits, dots, hyphens and underscores");
		}
		String prefix = (slash < 0) ? "" : withoutOuterSlashes(rest.substring(slash));
		for (String part : prefix.split("/", -1)) {
			if (part.equals(".") || part.equals("..") || (part.isEmpty() && !prefix.isEmpty())) {
				throw refused("has an empty, '.' or '..' part in its prefix", "leave that part out");
			}
		}
		return new ReplicaUrl.S3(bucket, prefix);
	}

	private ReplicaUrl file(String rest) {
		refuseSpecialCharacters();
		String path = rest;
		if (rest.startsWith("//")) {
			path = rest.substring(2);
			if (!path.isEmpty() && !path.startsWith("/")) {
				throw refused("names a host before its folder",
						"write file:/folder, or file:folder for one below the working directory");
			}
		}
		if (DRIVE.matcher(path).matches() && java.io.File.separatorChar == '\\') {
			path = path.substring(1);
		}
		if (path.isEmpty()) {
			throw refused("has an empty path", "write file:/folder");
		}
		try {
			Path folder = Path.of(path).toAbsolutePath().normalize();
			if (folder.getNameCount() == 0) {
				throw refused("names the root folder", "name a folder that holds nothing else");
			}
			return new ReplicaUrl.File(folder);
		}
		catch (InvalidPathException ex) {
			throw new ConfigurationException(message("has a path that this system cannot have", FORMS), ex);
		}
	}

	private void refuseSpecialCharacters() {
		if (this.url.indexOf('?') >= 0) {
			throw refused("has a query ('?')",
					"set region, endpoint and the like on the S3 client, and leave the query out");
		}
		if (this.url.indexOf('#') >= 0) {
			throw refused("has a fragment ('#')", "leave it out");
		}
		if (this.url.indexOf('%') >= 0) {
			throw refused("has a '%' in it", "write each character as it is: nothing is percent-decoded");
		}
		if (this.url.chars().anyMatch(Character::isISOControl)) {
			throw refused("has a control character in it", "leave it out");
		}
	}

	private static String withoutOuterSlashes(String text) {
		int start = 0;
		int end = text.length();
		while (start < end && text.charAt(start) == '/') {
			start++;
		}
		while (end > start && text.charAt(end - 1) == '/') {
			end--;
		}
		return text.substring(start, end);
	}

	private ConfigurationException refused(String problem, String remedy) {
		return new ConfigurationException(message(problem, remedy));
	}

	private String message(String problem, String remedy) {
		return "The replica's URL '" + withoutCredentials() + "' " + problem + ": " + remedy;
	}

	/**
	 * Secrets may hold any character, a slash too: so all up to the last {@code @} goes,
	 * and all from the first {@code ?}; and all behind the scheme where a colon in the
	 * host's place hints at a name and password.
	 */
	private String withoutCredentials() {
		String shown = this.url;
		String tail = "";
		int query = shown.indexOf('?');
		if (query >= 0) {
			shown = shown.substring(0, query);
			tail = "?...";
		}
		int colon = shown.indexOf(':');
		String scheme = shown.substring(0, colon + 1);
		String rest = shown.substring(colon + 1);
		int at = rest.lastIndexOf('@');
		if (at >= 0) {
			rest = "//***" + rest.substring(at);
		}
		else if (rest.startsWith("//") && rest.indexOf(':') >= 0) {
			rest = "//***";
		}
		return scheme + rest.replaceAll("\\p{Cntrl}", "?") + tail;
	}

}
