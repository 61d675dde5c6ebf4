package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import org.jspecify.annotations.Nullable;

/**
 * Where one database stands, as gauges that read what its replicator has published.
 */
final class LitestreamGauges {

	private static final double NONE = Double.NaN;

	private final OpenSession session;

	private final DatabasePlan plan;

	private final Tags tags;

	private final Clock clock;

	/** What the age of a drill is counted from before there was one. */
	private final Supplier<Instant> startedAt;

	LitestreamGauges(OpenSession session, DatabasePlan plan, Tags tags, Supplier<Instant> startedAt, Clock clock) {
		this.session = session;
		this.plan = plan;
		this.tags = tags;
		this.clock = clock;
		this.startedAt = startedAt;
	}

	void bindTo(MeterRegistry registry) {
		seconds("litestream.lag", "Age of the oldest commit that is not stored, 0 when all is stored",
				(open) -> Optional.of(open.status().lag()), registry);
		gauge("litestream.lag.transactions", "Captured transactions that are not stored", null,
				ReplicationStatus::lagTransactions, registry);
		gauge("litestream.txid", "Last transaction that is captured", null, (status) -> status.txid().value(),
				registry);
		gauge("litestream.replicated.txid", "Last transaction up to which everything is stored", null,
				(status) -> status.replicatedTxid().value(), registry);
		gauge("litestream.wal.size", "Live part of the write-ahead log", "bytes", ReplicationStatus::walBytes,
				registry);
		gauge("litestream.staging.size", "Local files that wait to be stored", "bytes", ReplicationStatus::stagingBytes,
				registry);
		Gauge.builder("litestream.database.size", this.plan.settings().database(), LitestreamGauges::size)
			.description("Size of the database file")
			.baseUnit("bytes")
			.tags(this.tags)
			.strongReference(true)
			.register(registry);
		bindStatus(registry);
		bindVerification(registry);
	}

	/**
	 * One gauge a state: an alert can name the state, and a graph can show when it was
	 * which.
	 */
	private void bindStatus(MeterRegistry registry) {
		for (State state : State.values()) {
			Gauge.builder("litestream.status", this.session, (open) -> (open.status().state() == state) ? 1 : 0)
				.description("1 for what replication is doing, 0 for the others")
				.tags(this.tags.and("status", state.name().toLowerCase(Locale.ROOT)))
				.strongReference(true)
				.register(registry);
		}
	}

	private void bindVerification(MeterRegistry registry) {
		seconds("litestream.verification.age", "Time since the last restore drill began", this::verificationAge,
				registry);
		Gauge
			.builder("litestream.verification.passed", this.session,
					(open) -> open.lastDrill().map((drill) -> drill.passed() ? 1.0 : 0.0).orElse(NONE))
			.description("1 when the last restore drill has passed, 0 when it has failed")
			.tags(this.tags)
			.strongReference(true)
			.register(registry);
	}

	/**
	 * Before the first drill the age counts from the start, so that one that never comes
	 * is missed; where none is to come there is no age.
	 */
	private Optional<Duration> verificationAge(OpenSession open) {
		Optional<Instant> last = open.lastDrill().map(DrillResult::at);
		if (last.isEmpty() && this.plan.settings().history().verificationInterval().isZero()) {
			return Optional.empty();
		}
		Duration age = Duration.between(last.orElseGet(this.startedAt), this.clock.instant());
		return Optional.of(age.isNegative() ? Duration.ZERO : age);
	}

	private void seconds(String name, String description, Function<OpenSession, Optional<Duration>> value,
			MeterRegistry registry) {
		// In a double nanoseconds are exact for a hundred days, and good enough for more
		TimeGauge
			.builder(name, this.session, TimeUnit.NANOSECONDS,
					(open) -> value.apply(open).map((time) -> (double) time.toNanos()).orElse(NONE))
			.description(description)
			.tags(this.tags)
			.strongReference(true)
			.register(registry);
	}

	private void gauge(String name, String description, @Nullable String unit,
			ToDoubleFunction<ReplicationStatus> value, MeterRegistry registry) {
		Gauge.builder(name, this.session, (open) -> value.applyAsDouble(open.status()))
			.description(description)
			.baseUnit(unit)
			.tags(this.tags)
			.strongReference(true)
			.register(registry);
	}

	/**
	 * Asks for the size and opens nothing: closing the file would drop SQLite's locks.
	 */
	private static double size(Path file) {
		try {
			return Files.size(file);
		}
		catch (IOException ex) {
			return NONE;
		}
	}

}
