package io.github.litestream4j.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.StageErrors;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of one database: whether its commits are captured, whether they are stored
 * in time, and whether its replica was proven lately. Reads what the replicator has
 * published, and waits for nobody.
 */
final class LitestreamHealthIndicator extends AbstractHealthIndicator {

	/** What a database is not captured for, or not right. */
	private static final Set<ErrorStage> CAPTURE = Set.of(ErrorStage.CAPTURE, ErrorStage.STAGING);

	/** What a commit is not stored for; whatever else fails holds none up. */
	private static final Set<ErrorStage> STORING = Set.of(ErrorStage.CAPTURE, ErrorStage.STAGING, ErrorStage.UPLOAD,
			ErrorStage.SNAPSHOT, ErrorStage.CHECKSUMS);

	private final OpenSession session;

	private final DatabasePlan plan;

	private final Clock clock;

	/** From when on a drill may be missed: none can be run during a pause. */
	private final Supplier<Instant> startedAt;

	LitestreamHealthIndicator(OpenSession session, DatabasePlan plan, Supplier<Instant> startedAt, Clock clock) {
		super("The health of the replication of " + plan.name() + " cannot be told");
		this.session = session;
		this.plan = plan;
		this.clock = clock;
		this.startedAt = startedAt;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		ReplicationStatus status = this.session.status();
		Optional<DrillResult> drill = this.session.lastDrill();
		judge(builder, status, drill.orElse(null));
		builder.withDetail("replica", status.replica())
			.withDetail("txid", status.txid().toString())
			.withDetail("replicatedTxid", status.replicatedTxid().toString())
			.withDetail("lagTransactions", status.lagTransactions())
			.withDetail("lagSeconds", status.lag().toMillis() / 1000.0);
		drill.ifPresent((result) -> builder.withDetail("lastVerification", result.at())
			.withDetail("lastVerificationPassed", result.passed()));
	}

	private void judge(Health.Builder builder, ReplicationStatus status, @Nullable DrillResult drill) {
		if (status.state() == State.FENCED) {
			builder.down().withDetail("cause", String.valueOf(status.failure()));
			return;
		}
		if (status.state() == State.STOPPED) {
			builder.unknown().withDetail("cause", "replication is not started, or stopped");
			return;
		}
		StageErrors damage = status.errors().stages().get(ErrorStage.DATABASE);
		if (damage != null) {
			builder.down().withDetail("cause", damage.message());
			return;
		}
		if (drill != null && !drill.passed()) {
			builder.down().withDetail("cause", "the last restore drill failed: " + drill.failure());
			return;
		}
		if (status.lag().compareTo(this.plan.maxLag()) > 0) {
			behind(builder, status);
			return;
		}
		if (isOverdue(drill)) {
			builder.outOfService()
				.withDetail("cause", "the replica was not proven by a restore drill for twice the time of "
						+ "litestream.verification.interval: the log says why it could not be run");
			return;
		}
		builder.up();
	}

	private void behind(Health.Builder builder, ReplicationStatus status) {
		Optional<StageErrors> present = status.errors()
			.stages()
			.values()
			.stream()
			.filter((errors) -> !errors.overcome() && STORING.contains(errors.stage()))
			.findFirst();
		if (present.isPresent() && CAPTURE.contains(present.get().stage())) {
			builder.down();
		}
		else {
			builder.outOfService();
		}
		builder.withDetail("cause",
				present.map(StageErrors::message)
					.orElse("the oldest commit that is not stored is older than litestream.health.max-lag ("
							+ this.plan.maxLag() + ")"));
	}

	private boolean isOverdue(@Nullable DrillResult drill) {
		Duration interval = this.plan.settings().history().verificationInterval();
		if (interval.isZero()) {
			return false;
		}
		Instant since = this.startedAt.get();
		Instant last = (drill != null && drill.at().isAfter(since)) ? drill.at() : since;
		return last.plus(interval.multipliedBy(2)).isBefore(this.clock.instant());
	}

}
