package io.github.litestream4j.jdbc;

import java.util.regex.Pattern;

/**
 * A JDBC URL as messages may show it: without a password, and without the key that
 * drivers for encrypted databases take.
 */
final class ShownUrl {

	private static final Pattern SECRET = Pattern
		.compile("(?i)([?&;]\\s*(?:user|username|pass|passwd|password|hexpassword|key|hexkey|textkey)\\s*=)[^&;]*");

	private static final Pattern USER_INFO = Pattern.compile("//[^/@]*@");

	private ShownUrl() {
	}

	static String of(String url) {
		return USER_INFO.matcher(SECRET.matcher(url).replaceAll("$1***")).replaceAll("//***@");
	}

}
