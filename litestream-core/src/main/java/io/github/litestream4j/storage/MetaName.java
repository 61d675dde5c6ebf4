package io.github.litestream4j.storage;

import java.util.regex.Pattern;

/**
 * The name of a file below {@code meta/}: parts of letters, digits, dots, hyphens and
 * underscores, with {@code /} between them.
 */
public final class MetaName {

	private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

	private MetaName() {
	}

	/**
	 * Whether this is the name of a file itself, without a folder.
	 * @param name any text
	 * @return {@code false} also for what is no name at all
	 */
	public static boolean isSimple(String name) {
		return name.indexOf('/') < 0 && FORM.matcher(name).matches();
	}

	/**
	 * Check a name, so that none leads out of {@code meta/}, whatever the storage.
	 * @param name the name
	 * @return the same name
	 * @throws IllegalArgumentException when it is not of that form
	 */
	public static String check(String name) {
		if (!FORM.matcher(name).matches()) {
			throw new IllegalArgumentException("a file below meta/ cannot be named '" + name + "'");
		}
		return name;
	}

}
