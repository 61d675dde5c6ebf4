package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.autoconfigure.LitestreamProperties.Database;
import io.github.litestream4j.autoconfigure.LitestreamProperties.OnStartup;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the engine's settings of one database out of the properties. Opens nothing.
 */
final class DatabasePlanner {

	private static final Logger logger = LoggerFactory.getLogger(DatabasePlanner.class);

	/** As long as a commit does not wait longer by itself for the next upload. */
	private static final Duration MAX_LAG = Duration.ofMinutes(1);

	private final LitestreamProperties properties;

	DatabasePlanner(LitestreamProperties properties) {
		this.properties = properties;
	}

	DatabasePlan plan(String name, SqliteUrl url, Database own) {
		try {
			Path file = url.realFile();
			ReplicatorSettings settings = new ReplicatorSettings(name, file, url.value(), url.properties(),
					stagingDirectory(name, file, own), syncInterval(own), busyTimeout(name, url, own), checkpoint(own),
					newHistory(own), history(own));
			DatabasePlan plan = new DatabasePlan(settings, restore(own), replica(name, own), maxLag(own));
			plan.connectionSettings();
			return plan;
		}
		catch (IllegalArgumentException ex) {
			throw new ConfigurationException(
					"the settings litestream.* of the database '" + name + "' are wrong: " + ex.getMessage(), ex);
		}
	}

	private ReplicaUrl replica(String name, Database own) {
		String url = (own.replica().url() != null) ? own.replica().url() : this.properties.replica().url();
		if (url == null || url.isBlank()) {
			throw new ConfigurationException("litestream.replica.url is not set, so the database '" + name
					+ "' would not be replicated: set it to s3://bucket/prefix or file:/folder, "
					+ "or set litestream.enabled=false");
		}
		return ReplicaUrl.parse(named(url, name));
	}

	private @Nullable String newHistory(Database own) {
		String id = (own.replica().newHistory() != null) ? own.replica().newHistory()
				: this.properties.replica().newHistory();
		return (id == null || id.isBlank()) ? null : id.strip();
	}

	private Path stagingDirectory(String name, Path file, Database own) {
		String folder = (own.stagingDirectory() != null) ? own.stagingDirectory() : this.properties.stagingDirectory();
		if (folder == null || folder.isBlank()) {
			return ReplicatorSettings.defaultStagingDirectory(file);
		}
		return Path.of(named(folder, name)).toAbsolutePath().normalize();
	}

	private static String named(String text, String name) {
		return text.replace("{database}", name);
	}

	private Duration syncInterval(Database own) {
		Duration interval = either(own.syncInterval(), this.properties.syncInterval());
		require(!interval.isNegative(), "sync-interval must not be negative, but is " + interval);
		return interval;
	}

	private Duration busyTimeout(String name, SqliteUrl url, Database own) {
		Duration timeout = either(own.busyTimeout(), this.properties.busyTimeout());
		url.setting("busy_timeout")
			.filter((millis) -> !millis.equals(Long.toString(timeout.toMillis())))
			.ifPresent((millis) -> logger.atWarn()
				.addKeyValue("database", name)
				.log("litestream.busy-timeout ({} ms) wins over busy_timeout={} of the URL: remove one of them",
						timeout.toMillis(), millis));
		return timeout;
	}

	private CheckpointSettings checkpoint(Database own) {
		LitestreamProperties.Checkpoint general = this.properties.checkpoint();
		return new CheckpointSettings(either(own.checkpoint().minPages(), general.minPages()),
				either(own.checkpoint().interval(), general.interval()),
				either(own.checkpoint().maxPages(), general.maxPages()));
	}

	private HistorySettings history(Database own) {
		LitestreamProperties general = this.properties;
		return new HistorySettings(either(own.compaction().levels(), general.compaction().levels()),
				either(own.level0Retention(), general.level0Retention()),
				either(own.snapshot().interval(), general.snapshot().interval()),
				either(own.snapshot().retention(), general.snapshot().retention()),
				either(own.retention().enabled(), general.retention().enabled()),
				either(own.retention().dryRun(), general.retention().dryRun()),
				either(own.verification().interval(), general.verification().interval()));
	}

	private Duration maxLag(Database own) {
		Duration interval = syncInterval(own);
		Duration maxLag = (own.health().maxLag() != null) ? own.health().maxLag() : this.properties.health().maxLag();
		if (maxLag == null) {
			Duration twice = interval.multipliedBy(2);
			return (twice.compareTo(MAX_LAG) > 0) ? twice : MAX_LAG;
		}
		require(maxLag.compareTo(Duration.ZERO) > 0, "health.max-lag must be more than 0, but is " + maxLag);
		require(maxLag.compareTo(interval) > 0,
				"health.max-lag must be longer than sync-interval (" + interval + "), but is " + maxLag
						+ ", so that the health would be out of service while all is well: "
						+ "make it longer, or sync-interval shorter");
		return maxLag;
	}

	private RestoreSettings restore(Database own) {
		LitestreamProperties.Restore general = this.properties.restore();
		OnStartup onStartup = either(own.restore().onStartup(), general.onStartup());
		require(onStartup != OnStartup.IF_BEHIND, "restore.on-startup=if-behind is not available yet: "
				+ "use if-missing, and remove a database file that is older than its replica");
		boolean ownPoint = own.restore().timestamp() != null || own.restore().txid() != null;
		Instant timestamp = ownPoint ? own.restore().timestamp() : general.timestamp();
		String txid = ownPoint ? own.restore().txid() : general.txid();
		require(timestamp == null || txid == null,
				"restore.timestamp and restore.txid are both set: a restore is to one of them");
		require(onStartup == OnStartup.IF_MISSING || (timestamp == null && txid == null),
				"restore.timestamp and restore.txid need restore.on-startup=if-missing, but it is never");
		int parallelism = either(own.restore().parallelism(), general.parallelism());
		require(parallelism >= 1, "restore.parallelism must be at least 1, but is " + parallelism);
		return new RestoreSettings(onStartup == OnStartup.IF_MISSING,
				Optional.ofNullable(txid).map(Txid::parse).orElse(null), timestamp,
				either(own.restore().integrityCheck(), general.integrityCheck()), parallelism);
	}

	private static <T> T either(@Nullable T own, T general) {
		return (own != null) ? own : general;
	}

	private static void require(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

}
