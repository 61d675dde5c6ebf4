package io.github.litestream4j.sample;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.replication.ReplicationObserver.Activity;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * The pages of the documentation agree with each other and with the code.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Path DOCS = ROOT.resolve("docs");

	private static final Pattern PROPERTY = Pattern.compile("(?<![\\w./@-])litestream\\.[a-z][\\w<>.{}-]*");

	/** A row of the table of properties: the key, and its default. */
	private static final Pattern ROW = Pattern
		.compile("(?m)^\\| `(litestream\\.[a-z0-9.-]+)` \\| (?:`([^`]*)`|([^|]*)) \\|");

	/**
	 * A message that is quoted: by itself, in a table, or at the beginning of an item.
	 */
	private static final Pattern QUOTE = Pattern
		.compile("(?m)^(?:> (.+)|\\| ((?!after the colon|-)[^|]+) \\| [^|]+ \\||- `([^`]+)`: .*)$");

	private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\\\n])*)\"");

	private static final List<MarkdownPage> PAGES = MarkdownPage.all(ROOT);

	@Test
	void everyLinkLeadsSomewhere() {
		List<String> broken = new ArrayList<>();
		int links = 0;
		for (MarkdownPage page : PAGES) {
			for (String link : page.links()) {
				if (!link.matches("[a-z]+:.*")) {
					links++;
					if (!leadsSomewhere(page, link)) {
						broken.add(page + ": " + link);
					}
				}
			}
		}
		assertThat(broken).isEmpty();
		assertThat(links).isGreaterThan(50);
	}

	private static boolean leadsSomewhere(MarkdownPage page, String link) {
		int hash = link.indexOf('#');
		String path = (hash < 0) ? link : link.substring(0, hash);
		Path target = path.isEmpty() ? page.file() : page.file().resolveSibling(path).normalize();
		if (!Files.exists(target)) {
			return false;
		}
		return hash < 0 || MarkdownPage.read(target).anchors().contains(link.substring(hash + 1));
	}

	@Test
	void theIndexNamesEveryPage() throws IOException {
		List<String> named = MarkdownPage.read(DOCS.resolve("README.md")).links();
		try (Stream<Path> files = Files.list(DOCS)) {
			assertThat(files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith(".md") && !name.equals("README.md"))).isNotEmpty().isSubsetOf(named);
		}
	}

	@Test
	void everyPropertyIsOne() throws IOException {
		Set<String> known = new TreeSet<>(properties().keySet());
		Set<String> meters = meters();
		List<String> unknown = new ArrayList<>();
		for (MarkdownPage page : PAGES) {
			Matcher matcher = PROPERTY.matcher(page.text());
			while (matcher.find()) {
				String name = matcher.group().replaceAll("[.-]+$", "");
				if (!isKnown(name, known) && !meters.contains(name)) {
					unknown.add(page + ": " + name);
				}
			}
		}
		assertThat(unknown).isEmpty();
	}

	private static boolean isKnown(String name, Set<String> known) {
		if (name.startsWith("litestream.databases.")) {
			String[] parts = name.split("\\.", 4);
			return parts.length < 4 || parts[3].equals("path") || isKnown("litestream." + parts[3], known);
		}
		return name.equals("litestream.yml") || known.contains(name)
				|| known.stream().anyMatch((property) -> property.startsWith(name + "."));
	}

	@Test
	void everyPropertyIsDescribedWithItsDefault() throws IOException {
		TreeMap<String, String> described = new TreeMap<>();
		Matcher matcher = ROW.matcher(Files.readString(DOCS.resolve("configuration.md")));
		while (matcher.find()) {
			described.put(matcher.group(1), (matcher.group(2) != null) ? matcher.group(2) : "");
		}
		TreeMap<String, String> properties = properties();
		properties.remove("litestream.databases");
		described.remove("litestream.staging-directory");
		assertThat(properties).containsKey("litestream.staging-directory");
		properties.remove("litestream.staging-directory");
		assertThat(described).isEqualTo(properties);
	}

	/** All properties with their defaults, empty where there is none. */
	private static TreeMap<String, String> properties() throws IOException {
		TreeMap<String, String> properties = new TreeMap<>();
		for (URL metadata : Collections.list(DocumentationTests.class.getClassLoader()
			.getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream in = metadata.openStream()) {
				for (JsonNode property : new JsonMapper().readTree(in).get("properties")) {
					String name = property.get("name").asString();
					if (name.startsWith("litestream.")) {
						assertThat(property.hasNonNull("description")).as(name).isTrue();
						properties.put(name, text(property.get("defaultValue")));
					}
				}
			}
		}
		assertThat(properties).hasSizeGreaterThan(20);
		return properties;
	}

	private static String text(JsonNode value) {
		if (value != null && value.isArray()) {
			return value.valueStream().map(JsonNode::asString).collect(Collectors.joining(","));
		}
		return (value == null) ? "" : value.asString();
	}

	private static Set<String> meters() throws IOException {
		Set<String> meters = Arrays.stream(Activity.values())
			.map((activity) -> "litestream." + activity.id())
			.collect(Collectors.toCollection(TreeSet::new));
		for (String source : sources()) {
			if (source.contains("import io.micrometer.")) {
				LITERAL.matcher(source)
					.results()
					.map((literal) -> literal.group(1))
					.filter((text) -> text.startsWith("litestream."))
					.forEach(meters::add);
			}
		}
		assertThat(meters).contains("litestream.lag", "litestream.sync");
		return meters;
	}

	@Test
	void everyQuotedMessageIsInTheSources() throws IOException {
		List<Set<String>> sources = new ArrayList<>();
		for (String source : sources()) {
			String joined = source.replaceAll("\"\\s*\\+\\s*\"", "");
			sources.add(LITERAL.matcher(joined)
				.results()
				.map((literal) -> literal.group(1).replace("\\\"", "\""))
				.collect(Collectors.toSet()));
		}
		Matcher matcher = QUOTE.matcher(MarkdownPage.read(DOCS.resolve("troubleshooting.md")).prose() + "\n\n"
				+ MarkdownPage.read(DOCS.resolve("encryption.md")).prose());
		List<String> unknown = new ArrayList<>();
		int quotes = 0;
		while (matcher.find()) {
			String quote = Stream.of(matcher.group(1), matcher.group(2), matcher.group(3))
				.filter((group) -> group != null)
				.findFirst()
				.orElseThrow();
			quotes++;
			List<String> parts = Arrays.stream(quote.split("…"))
				.map(String::strip)
				.filter((part) -> !part.isEmpty())
				.toList();
			assertThat(parts).as(quote).anyMatch((part) -> part.length() > 8);
			if (sources.stream().noneMatch((literals) -> hasAll(literals, parts))) {
				unknown.add(quote);
			}
		}
		assertThat(unknown).isEmpty();
		assertThat(quotes).isGreaterThan(60);
	}

	private static boolean hasAll(Set<String> literals, List<String> parts) {
		return parts.stream().allMatch((part) -> literals.stream().anyMatch((literal) -> literal.contains(part)));
	}

	private static List<String> sources() throws IOException {
		List<String> sources = new ArrayList<>();
		for (String module : List.of("litestream-core", "litestream-spring-boot-autoconfigure", "litestream-cli")) {
			try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
				for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
					sources.add(Files.readString(file));
				}
			}
		}
		return sources;
	}

	@Test
	void everyExampleOfJsonAndYamlIsWellFormed() {
		JsonMapper json = new JsonMapper();
		int examples = 0;
		for (MarkdownPage page : PAGES) {
			for (String block : page.blocks("json")) {
				examples++;
				assertThatNoException().as(page + ": " + block).isThrownBy(() -> json.readTree(block));
			}
			for (String block : page.blocks("yaml")) {
				examples++;
				assertThatNoException().as(page + ": " + block)
					.isThrownBy(() -> new Yaml().loadAll(block).forEach((document) -> {
					}));
			}
		}
		assertThat(examples).isGreaterThan(10);
	}

}
