package io.github.litestream4j.replication;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.history.Retention;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A writer that was away believes no free key: another one may have been there, whose
 * file retention has deleted.
 */
class LogEndTests extends AbstractLogEndTests {

	private static final Duration AWAY = HistorySettings.LEAST_LEVEL0_AGE.dividedBy(2).plusMillis(1);

	@ParameterizedTest
	@EnumSource(Away.class)
	void f30AKeyThatRetentionHasMadeFreeIsNotTaken(Away away) throws Exception {
		upload(1, 5);
		takeOver();
		pass(away);
		assertFenced();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
		assertThat(this.storage.calls(Operation.PUT_IF_ABSENT)).as("nothing is even tried").isEqualTo(5);
	}

	@ParameterizedTest
	@EnumSource(Away.class)
	void f30WhoWasAwayDuringThePutTakesTheFileAwayAgain(Away away) throws Exception {
		upload(1, 5);
		this.uploader = uploader(during(() -> {
			takeOver();
			pass(away);
		}, () -> {
		}));
		assertFenced();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
	}

	@Test
	void f30AFileThatAnotherWriterHasGoneOnFromStays() throws Exception {
		upload(1, 5);
		this.uploader = uploader(during(() -> {
		}, () -> {
			// It was stored in time, and the answer came late
			other(0, 7, 7);
			pass(Away.ASLEEP);
		}));
		assertFenced();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
	}

	@Test
	void f30WhatIsMergedIsNotNeeded() throws Exception {
		upload(1, 5);
		this.uploader = uploader(during(() -> {
		}, () -> {
			other(1, 1, 19);
			other(0, 20, 20);
			pass(Away.ASLEEP);
		}));
		assertFenced();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
	}

	@Test
	void f30WhatWasStoredThoughTheAnswerWasLostIsTakenAwayToo() throws Exception {
		upload(1, 5);
		AtomicBoolean lost = new AtomicBoolean();
		this.uploader = uploader(during(this::takeOver, () -> {
			pass(Away.ASLEEP);
			loseOnce(lost);
		}));
		assertFenced();
		assertThat(lost).isTrue();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
	}

	@Test
	void f30TheRetentionOfTheOtherOneMayBeShorter() throws Exception {
		upload(1, 5);
		HistorySettings shortest = new HistorySettings(List.of(Duration.ofMillis(1)), Duration.ofMillis(1),
				Duration.ZERO, Duration.ofMillis(1), true, false, Duration.ZERO);
		Instant since = this.clock.instant();
		for (long txid = 6; txid <= 20; txid++) {
			other(0, txid, txid);
		}
		other(1, 1, 19);
		other(LtxKey.SNAPSHOT_LEVEL, 1, 20);
		ReplicaIndex index = ReplicaIndex.of(List.of());
		// What is in them is nothing
		this.stored.list(1).forEach(index::proven);
		this.stored.list(LtxKey.SNAPSHOT_LEVEL).forEach(index::proven);
		Retention retention = new Retention("other", this.stored, index, shortest, Optional::empty, (listed) -> {
		}, this.clock);
		Awaitility.await().pollDelay(Duration.ofMillis(10)).until(() -> true);
		while (level0().contains(6L)) {
			this.clock.pass(Duration.ofMillis(500));
			retention.run();
		}
		assertThat(level0()).containsExactly(20L);
		assertThat(Duration.between(since, this.clock.instant())).as("as soon as it may")
			.isLessThan(Duration.ofSeconds(12));
		assertFenced();
		assertThat(level0()).containsExactly(20L);
	}

	@Test
	void f30WhatIsLeftStagedIsNotStoredWhereAnotherWriterHasBeen() throws Exception {
		Path home = this.folder.resolve("home");
		ReplicatorSettings settings = ReplicatorSettings.of("app", home.resolve("app.db"));
		Staging left = new Staging(settings.stagingDirectory());
		for (long txid = 1; txid <= 8; txid++) {
			StagedFile file = left.write(new Txid(txid), this.clock.instant(), ltx(txid), OptionalLong.empty(), 1);
			if (txid <= 5) {
				Uploader.store(this.stored, file);
			}
		}
		try (PositionFile position = new PositionFile(settings.stagingDirectory().resolve("position"))) {
			position.write(new CapturePosition(new Txid(8), 512, 1, CapturePosition.NO_WAL, false));
		}
		AtomicInteger puts = new AtomicInteger();
		ReplicaStorage slow = during(() -> {
			if (puts.incrementAndGet() == 2) {
				// The machine sleeps, and another one takes over
				this.stored.delete(List.of(key(6)));
				takeOver();
				pass(Away.ASLEEP);
			}
		}, () -> {
		});
		LogEnd.Time time = new LogEnd.Time(() -> this.nanos, this.clock);
		assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> Backlog.store(settings, slow, time))
			.withMessageContaining("another writer");
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
	}

	@Test
	void costsOneListingAfterAPauseAndNoneOtherwise() throws Exception {
		upload(1, 5);
		assertThat(this.storage.calls(Operation.LIST)).isZero();
		pass(Away.ASLEEP);
		upload(6, 10);
		assertThat(this.storage.calls(Operation.LIST)).isOne();
		this.nanos += AWAY.toNanos() / 2;
		upload(11, 11);
		assertThat(this.storage.calls(Operation.LIST)).isOne();
		assertThat(level0()).hasSize(11);
	}

	@Test
	void aClockThatIsPutBackIsNoReasonToBelieveIt() throws Exception {
		upload(1, 5);
		takeOver();
		this.clock.pass(Duration.ofHours(-1));
		assertFenced();
	}

	@Test
	void anAnswerThatWasLostBeforeThePauseIsNoConflict() throws Exception {
		upload(1, 5);
		this.stored.putIfAbsent(key(6), Content.of(content(6)), Instant.EPOCH);
		pass(Away.ASLEEP);
		upload(6, 7);
		assertThat(this.progress.isFenced()).isFalse();
		assertThat(level0()).hasSize(7);
	}

	@Test
	void aHoleIsHealedAfterAPauseToo() throws Exception {
		for (long txid : new long[] { 1, 2, 4, 5 }) {
			this.stored.putIfAbsent(key(txid), Content.of(content(txid)), Instant.EPOCH);
		}
		this.progress = Progress.of(ReplicaHistory.of(this.stored), ReplicationObserver.NONE);
		this.uploader = uploader(this.storage);
		pass(Away.ASLEEP);
		upload(3, 3);
		assertThat(this.progress.isFenced()).isFalse();
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(this.progress.replicated()).isEqualTo(new Txid(5));
	}

	private void assertFenced() throws Exception {
		this.uploader.add(staged(6));
		Thread thread = new Thread(this.uploader);
		thread.start();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(this.progress::isFenced);
		this.uploader.stop();
		thread.join(20_000);
		assertThat(thread.isAlive()).isFalse();
		assertThat(this.progress.failure()).contains("another writer");
	}

	private void pass(Away away) {
		if (away == Away.ASLEEP) {
			this.clock.pass(AWAY);
		}
		else {
			this.nanos += AWAY.toNanos();
		}
	}

	private void upload(long first, long last) throws Exception {
		for (long txid = first; txid <= last; txid++) {
			this.uploader.add(staged(txid));
		}
		Thread thread = new Thread(this.uploader);
		thread.start();
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> this.uploader.isIdle() || this.progress.isFenced());
		this.uploader.stop();
		thread.join(20_000);
		assertThat(thread.isAlive()).isFalse();
		this.uploader.reopen();
	}

	private StagedFile staged(long txid) throws Exception {
		return this.staging.write(new Txid(txid), Instant.ofEpochSecond(txid), content(txid), OptionalLong.empty(), 1);
	}

	private static byte[] content(long txid) {
		return ("transaction " + txid).getBytes(StandardCharsets.US_ASCII);
	}

	/**
	 * How a writer is away.
	 */
	enum Away {

		/** The machine sleeps: only the wall clock tells. */
		ASLEEP,

		/** The network is parted, and somebody holds the wall clock. */
		PARTED

	}

}
