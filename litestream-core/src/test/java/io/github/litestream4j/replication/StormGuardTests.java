package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * No fault stores the whole database again and again.
 */
class StormGuardTests {

	@TempDir
	Path folder;

	private final SetClock clock = new SetClock();

	private final Progress progress = new Progress(Txid.ZERO);

	@ParameterizedTest
	@CsvSource({ "PT0S, 24", "PT24H, 26", "PT36H, 26", "PT7H, 32", "PT1H, 72", "PT30S, 5784" })
	void f53AllowsTwiceAsManyAsTheIntervalAsksForAndSomeMore(Duration interval, long limit) {
		assertThat(guard(interval).limit()).isEqualTo(limit);
	}

	@Test
	void f53RefusesOneTooManyUntilADayHasPassed() {
		StormGuard guard = guard(Duration.ZERO);
		Instant first = this.clock.instant();
		for (int i = 1; i <= 24; i++) {
			guard.requireRoom();
			guard.stored(new Txid(i));
			this.clock.pass(Duration.ofMinutes(10));
		}
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(guard::requireRoom)
			.withMessageContaining("there were 24 in the last 24 hours, and at most 24 may be")
			.withMessageContaining("Look at what asks for them");
		assertThat(guard.permittedFrom()).isEqualTo(first.plus(Duration.ofHours(24)));
		this.clock.pass(Duration.between(this.clock.instant(), guard.permittedFrom()).minusMillis(1));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(guard::requireRoom);
		this.clock.pass(Duration.ofMillis(1));
		assertThatNoException().isThrownBy(guard::requireRoom);
		guard.stored(new Txid(25));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(guard::requireRoom);
	}

	@Test
	void f53AClockThatIsPutBackRefusesNothingForMoreThanADay() {
		StormGuard guard = guard(Duration.ZERO);
		this.clock.pass(Duration.ofDays(100));
		for (int i = 1; i <= 24; i++) {
			guard.stored(new Txid(i));
		}
		this.clock.pass(Duration.ofDays(-100));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(guard::requireRoom);
		this.clock.pass(Duration.ofDays(1));
		assertThatNoException().isThrownBy(guard::requireRoom);
	}

	@Test
	void f53CountsWhatTheReplicaHolds() {
		for (int i = 1; i <= 24; i++) {
			inReplica(i, this.clock.instant().minus(Duration.ofHours(i - 1)));
		}
		inReplica(30, this.clock.instant().minus(Duration.ofHours(25)));
		StormGuard guard = guard(Duration.ZERO);
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(guard::requireRoom)
			.withMessageContaining("there were 24");
	}

	@Test
	void f53SnapshotsThatBeginAHistoryDoNotCountButAreTold() {
		for (int i = 1; i <= 24; i++) {
			inReplica(i, this.clock.instant());
			storage().putMetaIfAbsent(new GenerationName(new Txid(i)).metaName(), new byte[] { 1 });
		}
		StormGuard guard = guard(Duration.ZERO);
		assertThatNoException().isThrownBy(guard::requireRoom);
		assertThat(this.progress.errors().count(ErrorStage.SNAPSHOT)).isZero();
		for (int i = 25; i <= 27; i++) {
			guard.begun(new Txid(i));
		}
		assertThat(this.progress.errors().count(ErrorStage.SNAPSHOT)).isEqualTo(3);
		assertThat(this.progress.errors().last().orElseThrow().message()).contains("27 times in the last 24 hours");
		assertThatNoException().isThrownBy(guard::requireRoom);
	}

	private void inReplica(long txid, Instant time) {
		LtxKey key = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(txid)));
		this.progress.index().add(new StoredFile(key, 100, time));
	}

	private StormGuard guard(Duration interval) {
		return new StormGuard("app", interval, this.progress, new GenerationLog(storage(), this.folder), this.clock);
	}

	private FileReplicaStorage storage() {
		return new FileReplicaStorage(this.folder.resolve("replica"));
	}

}
