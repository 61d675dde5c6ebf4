package io.github.litestream4j.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample application answers what {@code docs/actuator.md} says that it does.
 */
class ActuatorDocumentationTests {

	private static final Path PAGE = Path.of("..", "docs", "actuator.md");

	/** A call, its status, and the answer where one is shown right below. */
	private static final Pattern EXAMPLE = Pattern
		.compile("`(GET|POST) (/\\S+)` answers (\\d+)(?::\\n\\n```json\\n(.*?)\\n```)?", Pattern.DOTALL);

	private final JsonMapper json = new JsonMapper();

	@TempDir
	Path machine;

	@TempDir
	Path elsewhere;

	@Test
	void answersAsThePageSays() throws Exception {
		List<Example> examples = examples();
		assertThat(examples).hasSizeGreaterThanOrEqualTo(11);
		assertThat(examples.stream().filter((example) -> example.answer() != null)).hasSizeGreaterThanOrEqualTo(9);
		try (RunningSample sample = start(List.of())) {
			sample.client().add("a note");
			sample.client().awaitStored();
			for (Example example : examples) {
				NotesClient.Answer answer = sample.client().call(example.method(), example.path());
				assertThat(answer.status()).as("%s: %s", example, answer.body()).isEqualTo(example.status());
				if (example.answer() != null) {
					assertThat(shape(answer.json())).as("%s: %s", example, answer.body())
						.isEqualTo(shape(this.json.readTree(example.answer())));
				}
			}
		}
	}

	@Test
	void nothingIsDoneForStrangers() {
		try (RunningSample sample = start(List.of("--management.endpoint.litestream.access=read-only"))) {
			for (String operation : List.of("sync", "snapshot", "verify")) {
				assertThat(sample.client().call("POST", "/actuator/litestream/dataSource/" + operation).status())
					.isEqualTo(404);
			}
			assertThat(sample.client().get("/actuator/litestream/dataSource/snapshots").json()).hasSize(1);
		}
	}

	private RunningSample start(List<String> settings) {
		return RunningSample.start(this.machine, this.elsewhere.resolve("sample.log"), settings);
	}

	private static List<Example> examples() throws IOException {
		Matcher matcher = EXAMPLE.matcher(Files.readString(PAGE));
		List<Example> examples = new ArrayList<>();
		while (matcher.find()) {
			examples.add(new Example(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)),
					matcher.group(4)));
		}
		return examples;
	}

	/** The names and the types; of texts also whether they are TXIDs, times or ids. */
	private static Object shape(JsonNode node) {
		if (node.isObject()) {
			TreeMap<String, Object> members = new TreeMap<>();
			node.properties().forEach((member) -> members.put(member.getKey(), shape(member.getValue())));
			return members;
		}
		if (node.isArray()) {
			// However many there are, they are alike
			TreeSet<String> elements = new TreeSet<>();
			node.forEach((element) -> elements.add(shape(element).toString()));
			return elements;
		}
		return (node.getNodeType() == JsonNodeType.STRING) ? textShape(node.asString()) : node.getNodeType();
	}

	private static String textShape(String text) {
		if (text.matches("[0-9a-f]{16}")) {
			return "a TXID";
		}
		if (text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
			return "an id";
		}
		if (text.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z")) {
			return "a time";
		}
		if (text.matches("/.*|(s3|file):.*")) {
			return "a place";
		}
		return text;
	}

	/**
	 * One example of the page.
	 *
	 * @param method the HTTP method
	 * @param path what is called
	 * @param status the HTTP status
	 * @param answer the JSON, {@code null} when none is shown
	 */
	private record Example(String method, String path, int status, String answer) {

		@Override
		public String toString() {
			return this.method + " " + this.path;
		}

	}

}
