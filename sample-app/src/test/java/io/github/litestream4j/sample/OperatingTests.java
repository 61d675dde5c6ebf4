package io.github.litestream4j.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.S3Server;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an operator sees while the storage is away, and when a stored file is damaged.
 */
class OperatingTests {

	private static final String HEALTH = "/actuator/health/litestream/dataSource";

	/** Each metric of the design, as it is scraped. */
	private static final List<String> METRICS = List.of("litestream_lag_seconds", "litestream_lag_transactions",
			"litestream_txid", "litestream_replicated_txid", "litestream_database_size_bytes",
			"litestream_wal_size_bytes", "litestream_staging_size_bytes", "litestream_sync_seconds_count",
			"litestream_checkpoint_seconds_count", "litestream_snapshot_seconds_count",
			"litestream_compaction_seconds_count", "litestream_restore_seconds_count",
			"litestream_verification_seconds_count", "litestream_wal_bytes_total", "litestream_storage_requests_total",
			"litestream_storage_bytes_total", "litestream_generations_total", "litestream_errors_total");

	@TempDir
	Path machine;

	@TempDir
	Path elsewhere;

	@Test
	void anOutageIsSeenAndItsEnd() {
		try (S3Server server = S3Server.in(this.elsewhere.resolve("s3")).start()) {
			List<String> settings = new ArrayList<>(RecoveryTests.s3(server, server.createBucket("operating")));
			settings.add("--litestream.health.max-lag=2s");
			try (RunningSample sample = start(settings)) {
				sample.client().add("a note");
				awaitHealth(sample, 200, "UP");
				String scrape = scrape(sample);
				assertThat(METRICS).allSatisfy((metric) -> assertThat(scrape).contains("\n" + metric + "{"));
				assertThat(value(scrape, "litestream_sync_seconds_count")).isPositive();
				assertThat(value(scrape, "litestream_snapshot_seconds_count")).isOne();
				assertThat(value(scrape, "litestream_wal_bytes_total")).isPositive();
				assertThat(value(scrape, "litestream_database_size_bytes")).isPositive();
				server.stop();
				sample.client().add("not stored yet");
				patiently().until(() -> value(scrape(sample), "litestream_lag_seconds") > 2);
				JsonNode health = awaitHealth(sample, 503, "OUT_OF_SERVICE");
				assertThat(health.get("details").get("cause").asString()).contains("s3://operating/app");
				assertThat(value(scrape(sample), "litestream_errors_total\\{[^}]*stage=\"upload\"")).isPositive();
				assertThat(sample.client().get("/actuator/litestream/dataSource").json().get("status").asString())
					.isEqualTo("failing");
				assertThat(value(scrape(sample), "litestream_status\\{[^}]*status=\"failing\"")).isOne();
				server.start();
				awaitHealth(sample, 200, "UP");
				patiently().until(() -> value(scrape(sample), "litestream_lag_seconds") == 0);
			}
		}
	}

	@Test
	void aDamagedFileIsSeenAfterTheNextDrill() throws Exception {
		try (RunningSample sample = start(List.of("--management.endpoint.litestream.access=unrestricted"))) {
			sample.client().add("a note");
			assertThat(verify(sample).get("passed").asBoolean()).isTrue();
			assertThat(value(scrape(sample), "litestream_verification_passed")).isOne();
			awaitHealth(sample, 200, "UP");
			Path damaged = newest(this.machine.resolve("data/replica/ltx/0"));
			byte[] bytes = Files.readAllBytes(damaged);
			bytes[bytes.length / 2] ^= 1;
			Files.write(damaged, bytes);
			JsonNode drill = verify(sample);
			assertThat(drill.get("passed").asBoolean()).isFalse();
			assertThat(drill.get("failure").asString()).contains(damaged.getFileName().toString());
			assertThat(value(scrape(sample), "litestream_verification_passed")).isZero();
			JsonNode health = awaitHealth(sample, 503, "DOWN");
			assertThat(health.get("details").get("cause").asString()).contains(damaged.getFileName().toString());
		}
	}

	private static Path newest(Path folder) throws Exception {
		try (Stream<Path> files = Files.list(folder)) {
			return files.filter((file) -> file.toString().endsWith(".ltx")).sorted().reduce((a, b) -> b).orElseThrow();
		}
	}

	private static JsonNode verify(RunningSample sample) {
		NotesClient.Answer answer = sample.client().call("POST", "/actuator/litestream/dataSource/verify");
		assertThat(answer.status()).as(answer.body()).isEqualTo(200);
		return answer.json();
	}

	private static JsonNode awaitHealth(RunningSample sample, int status, String expected) {
		NotesClient.Answer answer = patiently().until(() -> sample.client().get(HEALTH),
				(health) -> health.status() == status && health.json().get("status").asString().equals(expected));
		return answer.json();
	}

	private static ConditionFactory patiently() {
		return Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(100));
	}

	private static String scrape(RunningSample sample) {
		return sample.client().get("/actuator/prometheus").body();
	}

	private static double value(String scrape, String metric) {
		String name = metric.contains("{") ? metric + "[^}]*\\}" : metric + "\\{[^}]*\\}";
		Matcher line = Pattern.compile("^" + name + " (\\S+)$", Pattern.MULTILINE).matcher(scrape);
		assertThat(line.find()).as(metric).isTrue();
		return Double.parseDouble(line.group(1));
	}

	private RunningSample start(List<String> settings) {
		return RunningSample.start(this.machine, this.elsewhere.resolve("sample.log"), settings);
	}

}
