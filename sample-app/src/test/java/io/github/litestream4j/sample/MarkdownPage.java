package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, as far as its links and anchors are concerned.
 *
 * @param file where it is
 * @param text all of it
 * @param prose what is left of it without blocks of code
 */
record MarkdownPage(Path file, String text, String prose) {

	private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```(\\w*)\\n(.*?)^ *```$");

	private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*\\]\\(([^)\\s]+)\\)");

	private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");

	private static final Pattern ANCHOR = Pattern.compile("<a (?:id|name)=\"([^\"]+)\">");

	static MarkdownPage read(Path file) {
		try {
			String text = Files.readString(file);
			return new MarkdownPage(file, text, BLOCK.matcher(text).replaceAll(""));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The README and every page below {@code docs}.
	 * @param root the project's folder
	 */
	static List<MarkdownPage> all(Path root) {
		try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
			return Stream.concat(Stream.of(root.resolve("README.md")), files)
				.filter((file) -> file.toString().endsWith(".md"))
				.sorted()
				.map(MarkdownPage::read)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Where its links and pictures lead. */
	List<String> links() {
		String text = this.prose.replaceAll("`[^`\\n]*`", "code");
		return LINK.matcher(text).results().map((link) -> link.group(1)).toList();
	}

	/** Its blocks of code in a language. */
	List<String> blocks(String language) {
		return BLOCK.matcher(this.text)
			.results()
			.filter((block) -> block.group(1).equals(language))
			.map((block) -> block.group(2))
			.toList();
	}

	/** What can stand after a number sign, as GitHub makes it of the headings. */
	Set<String> anchors() {
		Set<String> anchors = new HashSet<>();
		for (MatchResult heading : matches(HEADING)) {
			String name = heading.group(1)
				.replaceAll("\\]\\([^)]*\\)", "")
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N}\\- _]", "")
				.replace(' ', '-');
			String unique = name;
			for (int i = 1; !anchors.add(unique); i++) {
				unique = name + "-" + i;
			}
		}
		matches(ANCHOR).forEach((anchor) -> anchors.add(anchor.group(1)));
		return anchors;
	}

	private List<MatchResult> matches(Pattern pattern) {
		Matcher matcher = pattern.matcher(this.prose);
		List<MatchResult> results = new ArrayList<>();
		while (matcher.find()) {
			results.add(matcher.toMatchResult());
		}
		return results;
	}

	@Override
	public String toString() {
		return this.file.toString();
	}

}
