package io.github.litestream4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page on known failures tells the truth: it has each of them, and the tests that it
 * names are there.
 */
class LessonsTests {

	/** The root of the whole build: tests run in their module's folder. */
	private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

	private static final Pattern ROW = Pattern.compile("\\| F(\\d+b?) \\|(.*)\\|(.*)\\|");

	/** Where there is nothing of the kind here that could fail. */
	private static final String CANNOT_APPLY = " Cannot apply: ";

	private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

	private static final Pattern DECLARED = Pattern.compile("(?:void|ArchRule) (f\\d+b?[A-Z]\\w*)(?:\\(| =)");

	@Test
	void hasARowForEachFailure() throws IOException {
		List<String> all = new ArrayList<>(IntStream.rangeClosed(1, 66).mapToObj(Integer::toString).toList());
		all.add(53, "53b");
		assertThat(rows().stream().map((row) -> row.group(1))).containsExactlyElementsOf(all);
	}

	@Test
	void namesTestsThatAreThereAndCarryTheNumber() throws IOException {
		Map<String, List<String>> declared = declared();
		for (MatchResult row : rows()) {
			if (row.group(3).startsWith(CANNOT_APPLY)) {
				continue;
			}
			List<MatchResult> tests = TEST.matcher(row.group(3)).results().toList();
			assertThat(tests).as("tests of F" + row.group(1)).isNotEmpty();
			for (MatchResult test : tests) {
				assertThat(declared).as(row.group()).containsKey(test.group(1));
				assertThat(declared.get(test.group(1))).as(row.group()).contains(test.group(2));
				assertThat(test.group(2)).matches("f0?%s[A-Z].*".formatted(row.group(1)));
			}
		}
	}

	@Test
	void isLinkedFromTheArchitecture() throws IOException {
		assertThat(Files.readString(ROOT.resolve("docs/architecture.md"))).contains("(lessons.md)");
	}

	private static List<MatchResult> rows() throws IOException {
		return Files.readAllLines(ROOT.resolve("docs/lessons.md"))
			.stream()
			.map(ROW::matcher)
			.filter(Matcher::matches)
			.map(Matcher::toMatchResult)
			.toList();
	}

	/** The tests of known failures, by the name of their class. */
	private static Map<String, List<String>> declared() throws IOException {
		Map<String, List<String>> tests = new HashMap<>();
		try (Stream<Path> files = Files.walk(ROOT)) {
			for (Path file : (Iterable<Path>) files.filter(LessonsTests::isTest)::iterator) {
				List<String> methods = tests.computeIfAbsent(file.getFileName().toString().replace(".java", ""),
						(name) -> new ArrayList<>());
				DECLARED.matcher(Files.readString(file)).results().map((match) -> match.group(1)).forEach(methods::add);
			}
		}
		return tests;
	}

	private static boolean isTest(Path file) {
		return file.toString().contains("/src/test/java/") && file.toString().endsWith("Tests.java");
	}

}
