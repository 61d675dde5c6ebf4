package io.github.litestream4j.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code docs/metrics.md}, the dashboard and the alerts name is what the sample
 * application is scraped for, and the other way round.
 */
class MetricsDocumentationTests {

	private static final Path DOCS = Path.of("..", "docs");

	private static final Path PAGE = DOCS.resolve("metrics.md");

	/** A meter in a table of the page: name, type, unit, tags, name in Prometheus. */
	private static final Pattern ROW = Pattern.compile(
			"^\\| `(litestream[a-z.]*)` \\| (gauge|counter|timer) \\| ([a-z]*) ?\\| ([a-z`, ]*)\\| `(litestream_\\w+)` \\|",
			Pattern.MULTILINE);

	private static final Pattern CODE = Pattern.compile("`([^`]+)`");

	private static final Pattern METRIC = Pattern.compile("\\b(?:litestream|process|jvm)_[a-z_]+");

	/** On every meter of the sample application. */
	private static final String COMMON = "application";

	@TempDir
	private static Path machine;

	@TempDir
	private static Path elsewhere;

	private static RunningSample sample;

	private static List<PrometheusSample> scrape;

	@BeforeAll
	static void scrape() {
		sample = RunningSample.start(machine, elsewhere.resolve("sample.log"),
				List.of("--management.endpoint.litestream.access=unrestricted"));
		sample.client().add("a note");
		NotesClient.Answer drill = sample.client().call("POST", "/actuator/litestream/dataSource/verify");
		assertThat(drill.status()).as(drill.body()).isEqualTo(200);
		scrape = Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> PrometheusSample.parse(sample.client().get("/actuator/prometheus").body()),
					(samples) -> value(samples, "litestream_lag_transactions") == 0
							&& value(samples, "litestream_verification_seconds_count") == 1);
	}

	@AfterAll
	static void end() {
		if (sample != null) {
			sample.close();
		}
	}

	@Test
	void thePageHasEachMeterAndNoOther() throws Exception {
		List<String> meters = new ArrayList<>();
		sample.client().get("/actuator/metrics").json().get("names").forEach((name) -> meters.add(name.asString()));
		assertThat(rows()).extracting(Row::meter)
			.containsExactlyInAnyOrderElementsOf(
					meters.stream().filter((name) -> name.startsWith("litestream")).toList());
	}

	@Test
	void thePageNamesMetersAsTheyAreScraped() throws Exception {
		Map<String, Set<String>> documented = new TreeMap<>();
		for (Row row : rows()) {
			row.metrics().forEach((metric) -> documented.put(metric, row.labels()));
		}
		Map<String, Set<String>> scraped = new TreeMap<>();
		scrape.stream()
			.filter((line) -> line.name().startsWith("litestream"))
			.forEach((line) -> scraped.computeIfAbsent(line.name(), (name) -> new TreeSet<>())
				.addAll(line.labelNames()));
		scraped.values().forEach((labels) -> labels.remove(COMMON));
		assertThat(documented).isEqualTo(scraped);
	}

	@Test
	void thePageNamesNothingThatIsNotScraped() throws Exception {
		String page = Files.readString(PAGE);
		String theirs = page.substring(page.indexOf("## Litestream's names"));
		// The first column of that table has names that are not ours
		String ours = page.substring(0, page.indexOf("## Litestream's names")) + theirs.lines()
			.map((line) -> line.replaceFirst("^\\| [^|]* \\|", ""))
			.collect(Collectors.joining("\n"));
		Set<String> timers = rows().stream()
			.filter((row) -> row.type().equals("timer"))
			.map(Row::metric)
			.collect(Collectors.toSet());
		assertThat(metricsIn(ours)).hasSizeGreaterThan(20).allSatisfy((metric) -> {
			if (!timers.contains(metric)) {
				assertScraped(metric);
			}
		});
	}

	@Test
	void thePageHasEachOperationOfTheStorage() throws Exception {
		Set<String> documented = Files.readString(PAGE)
			.lines()
			.filter((line) -> line.matches("\\| (PUT|GET|DELETE).*"))
			.flatMap((line) -> CODE.matcher(line).results().map((code) -> code.group(1)))
			.collect(Collectors.toSet());
		Set<String> requested = scrape.stream()
			.filter((line) -> line.name().equals("litestream_storage_requests_total"))
			.map((line) -> line.label("operation"))
			.collect(Collectors.toSet());
		assertThat(requested).contains("list", "put-if-absent", "read");
		assertThat(documented).containsAll(requested);
	}

	@Test
	void theDashboardShowsWhatIsScraped() throws Exception {
		assertThat(DashboardExpressions.variables()).hasSize(3)
			.allSatisfy((query) -> assertThat(metricsIn(query)).isNotEmpty()
				.allSatisfy(MetricsDocumentationTests::assertScraped));
		assertThat(DashboardExpressions.all()).hasSizeGreaterThan(15)
			.allSatisfy((expression) -> assertThat(metricsIn(expression)).isNotEmpty()
				.allSatisfy(MetricsDocumentationTests::assertScraped));
	}

	@Test
	void theAlertsWatchWhatIsScraped() throws Exception {
		assertThat(AlertRule.all()).hasSizeGreaterThanOrEqualTo(10)
			.allSatisfy((rule) -> assertThat(metricsIn(rule.expression())).isNotEmpty()
				.allSatisfy(MetricsDocumentationTests::assertScraped));
	}

	@Test
	void theValuesAreThoseOfAHealthyDatabase() {
		assertThat(value(scrape, "litestream_lag_seconds")).isZero();
		assertThat(value(scrape, "litestream_verification_passed")).isOne();
		assertThat(value(scrape, "litestream_verification_age_seconds")).isBetween(0.0, 60.0);
		assertThat(value(scrape, "litestream_database_size_bytes")).isPositive();
		assertThat(value(scrape, "litestream_snapshot_seconds_count")).isOne();
		assertThat(value(scrape, "litestream_replicated_txid")).isEqualTo(value(scrape, "litestream_txid"))
			.isPositive();
		assertThat(scrape.stream().filter((line) -> line.name().equals("litestream_status") && line.value() == 1))
			.extracting((line) -> line.label("status"))
			.containsExactly("running");
		assertThat(scrape.stream().filter((line) -> line.name().equals("litestream_errors_total"))).isNotEmpty()
			.allSatisfy((line) -> assertThat(line.value()).as(line.labels()).isZero());
		assertThat(scrape.stream().filter((line) -> line.name().startsWith("litestream")))
			.allSatisfy((line) -> assertThat(line.label(COMMON)).isEqualTo("sample-app"))
			.allSatisfy((line) -> assertThat(line.label("database")).isEqualTo("dataSource"));
	}

	private static void assertScraped(String metric) {
		assertThat(scrape.stream().map(PrometheusSample::name)).as("metrics that are scraped").contains(metric);
	}

	private static double value(List<PrometheusSample> samples, String metric) {
		List<PrometheusSample> found = samples.stream().filter((line) -> line.name().equals(metric)).toList();
		assertThat(found).as(metric).hasSize(1);
		return found.get(0).value();
	}

	private static Set<String> metricsIn(String text) {
		return METRIC.matcher(text)
			.results()
			.map((name) -> name.group())
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static List<Row> rows() throws IOException {
		return ROW.matcher(Files.readString(PAGE))
			.results()
			.map((row) -> new Row(row.group(1), row.group(2), row.group(4), row.group(5)))
			.toList();
	}

	/**
	 * One meter of the page.
	 *
	 * @param meter its name in Micrometer
	 * @param type gauge, counter or timer
	 * @param tags its tags but {@code database}, each in backticks
	 * @param metric its name in Prometheus
	 */
	private record Row(String meter, String type, String tags, String metric) {

		List<String> metrics() {
			return this.type.equals("timer")
					? Stream.of("_count", "_sum", "_max").map((suffix) -> this.metric + suffix).toList()
					: List.of(this.metric);
		}

		Set<String> labels() {
			Set<String> labels = new TreeSet<>(Set.of("database"));
			CODE.matcher(this.tags).results().forEach((tag) -> labels.add(tag.group(1)));
			return labels;
		}

	}

}
