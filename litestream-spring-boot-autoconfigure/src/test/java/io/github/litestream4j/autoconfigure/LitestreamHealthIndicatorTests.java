package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationErrors;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.replication.StageErrors;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamHealthIndicatorTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	private final SettableSession session = new SettableSession();

	private final SettableClock clock = new SettableClock(START);

	private final LitestreamHealthIndicator indicator = new LitestreamHealthIndicator(this.session,
			new DatabasePlan(ReplicatorSettings.of("app", Path.of("app.db")), RestoreSettings.DEFAULT,
					new ReplicaUrl.S3("bucket", "app"), Duration.ofMinutes(1)),
			() -> START, this.clock);

	@Test
	void upWithEverythingStored() {
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("txid", "0000000000000005")
			.containsEntry("lagTransactions", 0L)
			.containsEntry("lagSeconds", 0.0)
			.doesNotContainKeys("cause", "lastVerification");
	}

	@Test
	void upWhenNothingHappensForAnHour() {
		this.session.lastSync = START;
		this.clock.now = START.plus(Duration.ofHours(1));
		assertThat(this.indicator.health().getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void unknownBeforeTheStart() {
		this.session.state = State.STOPPED;
		assertThat(this.indicator.health().getStatus()).isEqualTo(Status.UNKNOWN);
	}

	@Test
	void anOutageCountsFromMaxLagOn() {
		fails(ErrorStage.UPLOAD, "s3://bucket does not answer");
		this.session.lag = Duration.ofSeconds(60);
		assertThat(this.indicator.health().getStatus()).as("not yet").isEqualTo(Status.UP);
		this.session.lag = Duration.ofMillis(60_001);
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(health.getDetails()).containsEntry("cause", "s3://bucket does not answer")
			.containsEntry("lagSeconds", 60.001);
	}

	@Test
	void aSlowStorageIsTold() {
		this.session.lag = Duration.ofMinutes(2);
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(String.valueOf(health.getDetails().get("cause"))).contains("litestream.health.max-lag");
	}

	@Test
	void aFailureThatHoldsUpNoCommitIsNotItsCause() {
		fails(ErrorStage.RETENTION, "cannot delete");
		this.session.lag = Duration.ofMinutes(2);
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(String.valueOf(health.getDetails().get("cause"))).contains("litestream.health.max-lag")
			.doesNotContain("cannot delete");
	}

	@Test
	void downWhenCommitsAreNotCaptured() {
		fails(ErrorStage.CAPTURE, "cannot read the WAL");
		this.session.lag = Duration.ofMinutes(2);
		assertDown("cannot read the WAL");
	}

	@Test
	void downWhenAnotherWriterHasTheReplica() {
		this.session.state = State.FENCED;
		this.session.failure = "stored by another writer";
		assertDown("stored by another writer");
	}

	@Test
	void downWhenTheDatabaseIsDamaged() {
		fails(ErrorStage.DATABASE, "page 7 of app.db");
		assertDown("page 7 of app.db");
	}

	@Test
	void downAfterADrillThatFailedUntilOnePasses() {
		this.session.drill = drill(START, "file x is damaged");
		assertDown("the last restore drill failed: file x is damaged");
		this.session.drill = drill(START, null);
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("lastVerification", START)
			.containsEntry("lastVerificationPassed", true);
	}

	@Test
	void aDrillThatCannotBeRunIsMissedAfterTwiceItsInterval() {
		this.session.drill = drill(START.minus(Duration.ofDays(9)), null);
		this.clock.now = START.plus(Duration.ofHours(48));
		assertThat(this.indicator.health().getStatus()).as("it is this process that has to run one")
			.isEqualTo(Status.UP);
		this.clock.now = START.plus(Duration.ofHours(48)).plusMillis(1);
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(String.valueOf(health.getDetails().get("cause"))).contains("litestream.verification.interval");
		this.session.drill = drill(START.plus(Duration.ofHours(1)), null);
		assertThat(this.indicator.health().getStatus()).isEqualTo(Status.UP);
	}

	private void fails(ErrorStage stage, String message) {
		this.session.state = State.FAILING;
		this.session.failure = message;
		this.session.errors = new ReplicationErrors(Map.of(stage, new StageErrors(stage, 3, message, START, false)));
	}

	private void assertDown(String cause) {
		Health health = this.indicator.health();
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("cause", cause);
	}

	private static DrillResult drill(Instant at, @Nullable String failure) {
		return new DrillResult(at, Txid.FIRST, failure == null, failure, null, Duration.ofSeconds(1), 1, 1);
	}

}
