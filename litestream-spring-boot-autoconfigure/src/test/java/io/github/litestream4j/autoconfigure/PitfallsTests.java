package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page on what starters get wrong has each row, and names what is there.
 */
class PitfallsTests {

	/** The root of the whole build: tests run in their module's folder. */
	private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

	private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\|(.*)\\|(.*)\\|");

	private static final Pattern TEST = Pattern.compile("`(\\w+Tests)#(\\w+)`");

	private static final Pattern FILE = Pattern.compile("`([\\w./-]+\\.(?:java|xml|imports|json))`");

	@Test
	void eachRowNamesWhatAnswersIt() throws IOException {
		List<MatchResult> rows = Files.readAllLines(ROOT.resolve("docs/pitfalls.md"))
			.stream()
			.flatMap((line) -> ROW.matcher(line).results())
			.toList();
		assertThat(rows.stream().map((row) -> row.group(1)))
			.containsExactlyElementsOf(IntStream.rangeClosed(1, 25).mapToObj(Integer::toString).toList());
		Map<String, List<Path>> files = files();
		for (MatchResult row : rows) {
			List<MatchResult> tests = TEST.matcher(row.group(3)).results().toList();
			List<MatchResult> sources = FILE.matcher(row.group(3)).results().toList();
			assertThat(tests.size() + sources.size()).as(row.group()).isPositive();
			for (MatchResult test : tests) {
				assertThat(files).as(row.group()).containsKey(test.group(1) + ".java");
				assertThat(text(files.get(test.group(1) + ".java"))).as(row.group())
					.containsPattern("void " + test.group(2) + "\\(");
			}
			for (MatchResult source : sources) {
				String name = Path.of(source.group(1)).getFileName().toString();
				assertThat(files).as(row.group()).containsKey(name);
				assertThat(files.get(name)).as(row.group()).anyMatch((file) -> file.endsWith(source.group(1)));
			}
		}
	}

	private static String text(List<Path> files) throws IOException {
		StringBuilder text = new StringBuilder();
		for (Path file : files) {
			text.append(Files.readString(file));
		}
		return text.toString();
	}

	/** The files of all modules by their names, but for what is made of them. */
	private static Map<String, List<Path>> files() throws IOException {
		Map<String, List<Path>> files = new TreeMap<>();
		try (Stream<Path> modules = Files.list(ROOT)) {
			for (Path module : modules.filter((folder) -> Files.exists(folder.resolve("pom.xml"))).toList()) {
				files.computeIfAbsent("pom.xml", (name) -> new ArrayList<>()).add(module.resolve("pom.xml"));
				if (Files.exists(module.resolve("src"))) {
					try (Stream<Path> walk = Files.walk(module.resolve("src"))) {
						walk.filter(Files::isRegularFile)
							.forEach((file) -> files
								.computeIfAbsent(file.getFileName().toString(), (name) -> new ArrayList<>())
								.add(file));
					}
				}
			}
		}
		return files;
	}

}
