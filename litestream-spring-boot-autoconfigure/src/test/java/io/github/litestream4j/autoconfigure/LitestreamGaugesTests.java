package io.github.litestream4j.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamGaugesTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	@TempDir
	Path folder;

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final SettableSession session = new SettableSession();

	private final SettableClock clock = new SettableClock(START);

	@Test
	void lagIsThatOfTheStatus() {
		bind(Duration.ofDays(1));
		assertThat(seconds("litestream.lag")).isZero();
		assertThat(value("litestream.lag.transactions")).isZero();
		this.session.lag = Duration.ofMillis(1500);
		this.session.txid = new Txid(9);
		assertThat(seconds("litestream.lag")).isEqualTo(1.5);
		assertThat(value("litestream.lag.transactions")).isEqualTo(4);
		assertThat(value("litestream.txid")).isEqualTo(9);
		assertThat(value("litestream.replicated.txid")).isEqualTo(5);
	}

	@Test
	void oneStatusIsTheOneThatItIs() {
		bind(Duration.ofDays(1));
		for (State state : State.values()) {
			this.session.state = state;
			Map<String, Double> values = new TreeMap<>();
			this.registry.get("litestream.status")
				.gauges()
				.forEach((gauge) -> values.put(String.valueOf(gauge.getId().getTag("status")), gauge.value()));
			assertThat(values).containsOnlyKeys("failing", "fenced", "running", "stopped");
			assertThat(values.entrySet().stream().filter((entry) -> entry.getValue() != 0)).singleElement()
				.satisfies((entry) -> assertThat(entry.getKey()).isEqualToIgnoringCase(state.name()))
				.satisfies((entry) -> assertThat(entry.getValue()).isOne());
		}
	}

	@Test
	void theAgeOfADrillIsThatOfTheLastOne() {
		bind(Duration.ofDays(1));
		this.session.drill = drill(START.minus(Duration.ofHours(3)), null);
		assertThat(seconds("litestream.verification.age")).isEqualTo(3 * 3600);
		this.clock.now = START.plusMillis(500);
		assertThat(seconds("litestream.verification.age")).isEqualTo(3 * 3600 + 0.5);
		this.session.drill = drill(START.plus(Duration.ofHours(1)), null);
		assertThat(seconds("litestream.verification.age")).as("the clock was put back").isZero();
	}

	@Test
	void aDrillThatNeverCameIsAsOldAsTheStart() {
		bind(Duration.ofDays(1));
		this.clock.now = START.plus(Duration.ofDays(3));
		assertThat(seconds("litestream.verification.age")).isEqualTo(3 * 86400);
		assertThat(value("litestream.verification.passed")).isNaN();
	}

	@Test
	void noDrillIsMissedWhereNoneIsToCome() {
		bind(Duration.ZERO);
		this.clock.now = START.plus(Duration.ofDays(3));
		assertThat(seconds("litestream.verification.age")).isNaN();
		this.session.drill = drill(START.plus(Duration.ofDays(2)), null);
		assertThat(seconds("litestream.verification.age")).as("but this one came, on demand").isEqualTo(86400);
	}

	@Test
	void aDrillHasPassedOrNot() {
		bind(Duration.ofDays(1));
		this.session.drill = drill(START, "file x is damaged");
		assertThat(value("litestream.verification.passed")).isZero();
		this.session.drill = drill(START, null);
		assertThat(value("litestream.verification.passed")).isOne();
	}

	@Test
	void aFileThatIsNotThereHasNoSize() throws Exception {
		bind(Duration.ofDays(1));
		assertThat(value("litestream.database.size")).isNaN();
		Files.write(this.folder.resolve("app.db"), new byte[8192]);
		assertThat(value("litestream.database.size")).isEqualTo(8192);
	}

	private void bind(Duration verificationInterval) {
		HistorySettings defaults = HistorySettings.DEFAULT;
		ReplicatorSettings settings = ReplicatorSettings.of("app", this.folder.resolve("app.db"))
			.with(new HistorySettings(defaults.levels(), defaults.level0Retention(), defaults.snapshotInterval(),
					defaults.snapshotRetention(), defaults.retention(), defaults.dryRun(), verificationInterval));
		DatabasePlan plan = new DatabasePlan(settings, RestoreSettings.DEFAULT, new ReplicaUrl.S3("bucket", "app"),
				Duration.ofMinutes(1));
		new LitestreamGauges(this.session, plan, Tags.of("database", "app"), () -> START, this.clock)
			.bindTo(this.registry);
	}

	private double seconds(String name) {
		return this.registry.get(name).timeGauge().value(TimeUnit.SECONDS);
	}

	private double value(String name) {
		return this.registry.get(name).tag("database", "app").gauge().value();
	}

	private static DrillResult drill(Instant at, @Nullable String failure) {
		return new DrillResult(at, Txid.FIRST, failure == null, failure, null, Duration.ofSeconds(1), 1, 1);
	}

}
