package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.autoconfigure.LitestreamProperties.Database;
import io.github.litestream4j.autoconfigure.LitestreamProperties.OnStartup;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Every property reaches the engine, and the defaults are the engine's.
 */
class LitestreamPropertiesTests {

	@TempDir
	Path folder;

	@Test
	void defaultsAreTheEngines() {
		DatabasePlan plan = plan(Map.of("litestream.replica.url", "file:/backup"));
		ReplicatorSettings defaults = ReplicatorSettings.of("app", this.folder.resolve("app.db"));
		assertThat(plan.settings()).isEqualTo(defaults);
		assertThat(plan.restore()).isEqualTo(RestoreSettings.DEFAULT);
		assertThat(plan.replica()).isEqualTo(new ReplicaUrl.File(Path.of("/backup")));
		assertThat(bind(Map.of()).enabled()).isTrue();
		assertThat(bind(Map.of()).shutdownTimeout()).isEqualTo(Duration.ofSeconds(20));
	}

	@Test
	void everyPropertyReachesTheEngine() {
		assertThat(plan(Map.ofEntries(Map.entry("litestream.replica.url", "s3://bucket/{database}/x"),
				Map.entry("litestream.replica.new-history", "some-id"), Map.entry("litestream.sync-interval", "0"),
				Map.entry("litestream.busy-timeout", "7s"),
				Map.entry("litestream.staging-directory", "/staging/{database}"),
				Map.entry("litestream.checkpoint.min-pages", "5"), Map.entry("litestream.checkpoint.interval", "6m"),
				Map.entry("litestream.checkpoint.max-pages", "70"), Map.entry("litestream.compaction.levels", "2s,6s"),
				Map.entry("litestream.level0-retention", "20s"), Map.entry("litestream.snapshot.interval", "30s"),
				Map.entry("litestream.snapshot.retention", "2m"), Map.entry("litestream.retention.enabled", "false"),
				Map.entry("litestream.retention.dry-run", "true"), Map.entry("litestream.verification.interval", "9h"),
				Map.entry("litestream.restore.txid", "00000000000000ff"),
				Map.entry("litestream.restore.integrity-check", "full"),
				Map.entry("litestream.restore.parallelism", "3"), Map.entry("litestream.health.max-lag", "4m"))))
			.isEqualTo(new DatabasePlan(new ReplicatorSettings("app", this.folder.resolve("app.db"),
					"jdbc:sqlite:" + this.folder.resolve("app.db"), Map.of(), Path.of("/staging/app"), Duration.ZERO,
					Duration.ofSeconds(7), new CheckpointSettings(5, Duration.ofMinutes(6), 70), "some-id",
					new HistorySettings(List.of(Duration.ofSeconds(2), Duration.ofSeconds(6)), Duration.ofSeconds(20),
							Duration.ofSeconds(30), Duration.ofMinutes(2), false, true, Duration.ofHours(9))),
					new RestoreSettings(true, new Txid(255), null, IntegrityCheck.FULL, 3),
					new ReplicaUrl.S3("bucket", "app/x"), Duration.ofMinutes(4)));
	}

	@Test
	void aDatabasesOwnPropertiesWin() {
		DatabasePlan plan = plan(Map.ofEntries(Map.entry("litestream.replica.url", "file:/backup"),
				Map.entry("litestream.checkpoint.min-pages", "5"),
				Map.entry("litestream.restore.txid", "00000000000000ff"),
				Map.entry("litestream.databases.app.replica.url", "file:/other"),
				Map.entry("litestream.replica.new-history", "some-id"),
				Map.entry("litestream.databases.app.replica.new-history", "other-id"),
				Map.entry("litestream.databases.app.sync-interval", "2s"),
				Map.entry("litestream.databases.app.busy-timeout", "3s"),
				Map.entry("litestream.databases.app.staging-directory", "/staging"),
				Map.entry("litestream.databases.app.checkpoint.max-pages", "200000"),
				Map.entry("litestream.databases.app.restore.timestamp", "2026-01-02T03:04:05Z"),
				Map.entry("litestream.databases.app.restore.integrity-check", "none"),
				Map.entry("litestream.databases.app.health.max-lag", "2h")));
		assertThat(plan.maxLag()).hasHours(2);
		assertThat(plan.replica()).isEqualTo(new ReplicaUrl.File(Path.of("/other")));
		assertThat(plan.settings().newHistory()).isEqualTo("other-id");
		assertThat(plan.settings().syncInterval()).hasSeconds(2);
		assertThat(plan.settings().busyTimeout()).hasSeconds(3);
		assertThat(plan.settings().stagingDirectory()).isEqualTo(Path.of("/staging"));
		assertThat(plan.settings().checkpoint())
			.isEqualTo(new CheckpointSettings(5, CheckpointSettings.DEFAULT.interval(), 200000));
		assertThat(plan.restore().txid()).isNull();
		assertThat(plan.restore().timestamp()).isEqualTo("2026-01-02T03:04:05Z");
		assertThat(plan.restore().integrityCheck()).isEqualTo(IntegrityCheck.NONE);
	}

	@Test
	void aDatabasesOwnHistoryWins() {
		Map<String, String> general = Map.of("litestream.replica.url", "file:/backup", "litestream.compaction.levels",
				"2s,6s", "litestream.snapshot.interval", "30s", "litestream.retention.dry-run", "true");
		HistorySettings defaults = HistorySettings.DEFAULT;
		assertThat(plan(with(general, "litestream.databases.app.compaction.levels", "1m")).settings().history())
			.isEqualTo(new HistorySettings(List.of(Duration.ofMinutes(1)), defaults.level0Retention(),
					Duration.ofSeconds(30), defaults.snapshotRetention(), true, true, defaults.verificationInterval()));
		assertThat(history(general, "level0-retention", "8s").level0Retention()).hasSeconds(8);
		assertThat(history(general, "snapshot.interval", "0").snapshotInterval()).isZero();
		assertThat(history(general, "snapshot.retention", "7d").snapshotRetention()).hasDays(7);
		assertThat(history(general, "retention.enabled", "false").retention()).isFalse();
		assertThat(history(general, "retention.dry-run", "false").dryRun()).isFalse();
		assertThat(history(general, "verification.interval", "0").verificationInterval()).isZero();
	}

	@Test
	void aLagThatTheSyncIntervalMakesIsNoFault() {
		Map<String, String> general = Map.of("litestream.replica.url", "file:/backup");
		assertThat(plan(general).maxLag()).hasMinutes(1);
		assertThat(plan(with(general, "litestream.sync-interval", "29s")).maxLag()).hasMinutes(1);
		assertThat(plan(with(general, "litestream.sync-interval", "5m")).maxLag()).hasMinutes(10);
		assertThat(plan(with(general, "litestream.databases.app.sync-interval", "1h")).maxLag()).hasHours(2);
	}

	@Test
	void aMaxLagThatTheSyncIntervalExceedsIsRefused() {
		Map<String, String> general = Map.of("litestream.replica.url", "file:/backup", "litestream.sync-interval", "5m",
				"litestream.health.max-lag", "5m");
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> plan(general))
			.withMessageContaining("'app'")
			.withMessageContaining("health.max-lag must be longer than sync-interval (PT5M), but is PT5M")
			.withMessageContaining("make it longer, or sync-interval shorter");
		assertThat(plan(with(general, "litestream.databases.app.health.max-lag", "6m")).maxLag()).hasMinutes(6);
		assertThat(plan(with(general, "litestream.databases.app.sync-interval", "299s")).maxLag()).hasMinutes(5);
	}

	@Test
	void mergingCanBeSwitchedOff() {
		Map<String, String> general = Map.of("litestream.replica.url", "file:/backup");
		assertThat(plan(with(general, "litestream.compaction.levels", "")).settings().history().levels()).isEmpty();
		assertThat(history(general, "compaction.levels", "").levels()).isEmpty();
	}

	@Test
	void restoreCanBeSwitchedOff() {
		DatabasePlan plan = plan(
				Map.of("litestream.replica.url", "file:/backup", "litestream.restore.on-startup", "never"));
		assertThat(plan.restore().ifMissing()).isFalse();
		assertThat(bind(Map.of("litestream.restore.on-startup", "if-missing")).restore().onStartup())
			.isEqualTo(OnStartup.IF_MISSING);
	}

	private HistorySettings history(Map<String, String> general, String key, String value) {
		return plan(with(general, "litestream.databases.app." + key, value)).settings().history();
	}

	private static Map<String, String> with(Map<String, String> values, String key, String value) {
		Map<String, String> all = new HashMap<>(values);
		all.put(key, value);
		return all;
	}

	private DatabasePlan plan(Map<String, String> values) {
		LitestreamProperties properties = bind(values);
		return new DatabasePlanner(properties).plan("app", SqliteUrl.of(this.folder.resolve("app.db")),
				properties.databases().getOrDefault("app", Database.DEFAULT));
	}

	private static LitestreamProperties bind(Map<String, String> values) {
		return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("litestream",
				LitestreamProperties.class);
	}

}
