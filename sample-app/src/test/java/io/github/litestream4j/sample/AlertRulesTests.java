package io.github.litestream4j.sample;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.ChildProcess;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Prometheus's own tool takes the alerts and the dashboard's expressions, and the alerts
 * fire when they should.
 */
class AlertRulesTests {

	private static final Path TESTS = Path.of("src", "test", "resources", "litestream-alerts-tests.yml");

	/** Where {@code .ci/run} unpacks it to. */
	private static final Path UNPACKED = Path.of("..", "target", "prometheus", "usr", "bin", "promtool");

	@TempDir
	Path folder;

	@Test
	void theRulesAreValid() throws Exception {
		assertThat(promtool("check", "rules", AlertRule.FILE.toString())).contains(AlertRule.all().size() + " rules");
	}

	@Test
	void theRulesFireWhenTheyShould() throws Exception {
		promtool("test", "rules", TESTS.toString());
		String tests = Files.readString(TESTS);
		assertThat(AlertRule.all()).allSatisfy((rule) -> assertThat(tests).contains("alertname: " + rule.name()));
	}

	@Test
	void theDashboardsExpressionsAreValid() throws Exception {
		List<String> expressions = DashboardExpressions.all();
		StringBuilder rules = new StringBuilder("groups:\n- name: board\n  rules:\n");
		for (int i = 0; i < expressions.size(); i++) {
			String expression = expressions.get(i)
				.replace("$__rate_interval", "5m")
				.replace("$__range", "1h")
				.replaceAll("\\$\\w+_price", "0.005");
			rules.append("  - record: panel:expression:").append(i).append("\n    expr: |-\n      ");
			rules.append(expression).append('\n');
		}
		Path file = Files.writeString(this.folder.resolve("board.yml"), rules);
		assertThat(promtool("check", "rules", file.toString())).contains(expressions.size() + " rules");
	}

	@Test
	void theDashboardBeginsWithWhatMatters() throws Exception {
		JsonNode board = DashboardExpressions.board();
		assertThat(board.get("uid").asString()).isEqualTo("litestream-spring-boot");
		List<String> variables = new ArrayList<>();
		board.get("templating").get("list").forEach((variable) -> variables.add(variable.get("name").asString()));
		assertThat(variables).startsWith("datasource", "application", "instance", "database");
		List<String> firstRow = new ArrayList<>();
		for (JsonNode panel : board.get("panels")) {
			assertThat(panel.get("datasource").get("uid").asString()).isEqualTo("${datasource}");
			if (panel.get("gridPos").get("y").asInt() == 0) {
				firstRow.add(panel.get("title").asString());
			}
		}
		assertThat(firstRow).containsExactly("Lag", "Oldest commit not stored", "Errors", "Last drill");
		assertThat(DashboardExpressions.all()).allSatisfy((expression) -> assertThat(expression)
			.contains("{application=~\"$application\", instance=~\"$instance\", database=~\"$database\"")
			.doesNotContainPattern("\\[\\d+[smhd]]"));
	}

	@Test
	void eachAlertLeadsToItsRunbook() throws Exception {
		Set<String> anchors;
		try (Stream<String> lines = Files.lines(Path.of("..", "docs", "operations.md"))) {
			anchors = lines.filter((line) -> line.startsWith("##"))
				.map((line) -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT).replace(' ', '-'))
				.collect(Collectors.toSet());
		}
		assertThat(AlertRule.all()).allSatisfy((rule) -> {
			URI runbook = URI.create(rule.annotations().get("runbook_url"));
			assertThat(runbook.getPath()).endsWith("/docs/operations.md");
			assertThat(anchors).contains(runbook.getFragment());
			assertThat(rule.labels().get("severity")).isIn("warning", "critical");
			assertThat(rule.annotations()).containsKeys("summary", "description");
		});
	}

	private String promtool(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(program().toAbsolutePath().toString()));
		command.addAll(Arrays.asList(arguments));
		ChildProcess process = ChildProcess.start(command, Map.of(), Path.of("").toAbsolutePath(),
				Files.createTempFile(this.folder, "promtool", ".log"));
		int exit = process.await(Duration.ofMinutes(1));
		assertThat(exit).as(process::output).isZero();
		return process.output();
	}

	private static Path program() {
		Assumptions.assumeFalse(Boolean.getBoolean("promtool.skip"), "left out by -Dpromtool.skip=true");
		Optional<Path> found = Stream
			.concat(Stream.of(UNPACKED),
					Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
						.map((folder) -> Path.of(folder, "promtool")))
			.filter(Files::isExecutable)
			.findFirst();
		return found.orElseThrow(() -> new AssertionError("promtool is neither in the PATH nor " + UNPACKED
				+ ": .ci/run unpacks it there from Debian's package prometheus. To leave it out: -Dpromtool.skip=true"));
	}

}
