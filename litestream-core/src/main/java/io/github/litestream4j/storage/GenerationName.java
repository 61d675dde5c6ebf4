package io.github.litestream4j.storage;

import java.util.Optional;

import io.github.litestream4j.ltx.Txid;

/**
 * The name of the small file below {@code meta/} that records a generation.
 *
 * @param first the generation's first TXID
 */
public record GenerationName(Txid first) {

	/** The folder of the records below {@code meta/}. */
	public static final String FOLDER = "generations";

	private static final String SUFFIX = ".json";

	private static final int LENGTH = 16 + SUFFIX.length();

	/**
	 * Read a file name.
	 * @param name the name, without a folder
	 * @return empty when this is not the name of a record
	 */
	public static Optional<GenerationName> parse(String name) {
		if (name.length() != LENGTH || !name.endsWith(SUFFIX)) {
			return Optional.empty();
		}
		try {
			return Optional.of(new GenerationName(Txid.parse(name.substring(0, LENGTH - SUFFIX.length()))));
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	/**
	 * The name below {@code meta/}.
	 * @return the folder and the file's name
	 */
	public String metaName() {
		return FOLDER + "/" + this;
	}

	/**
	 * The file's name.
	 * @return the name without its folder
	 */
	@Override
	public String toString() {
		return this.first + SUFFIX;
	}

}
