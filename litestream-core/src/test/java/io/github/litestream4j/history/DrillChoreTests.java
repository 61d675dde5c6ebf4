package io.github.litestream4j.history;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When a drill is due, with a clock of our own.
 */
class DrillChoreTests {

	private static final Duration INTERVAL = Duration.ofHours(24);

	@TempDir
	Path folder;

	private final TestClock clock = new TestClock();

	private FaultyStorage storage;

	private DrillChore chore;

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.chore = chore();
	}

	private DrillChore chore() {
		return new DrillChore(
				new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, List::of,
						ReplicaIndex.of(List.of()), true, this.clock, DrillFolder::usableSpace),
				() -> new LiveState(Txid.FIRST, 1L << 63, 1), INTERVAL, this.folder.resolve("note"), this.storage.url(),
				(result) -> {
				}, this.clock);
	}

	/**
	 * Each costs a reading of the whole database, and of the replica up to what fails.
	 */
	@Test
	void whatCannotBeRunIsTriedAgainSoonAndThenEverMoreSeldom() throws Exception {
		this.storage.failAlways(Operation.LIST);
		Duration waited = Duration.ZERO;
		for (int runs = 1; runs <= 20; runs++) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(this.chore::run);
			assertThat(this.chore.due()).isBeforeOrEqualTo(this.clock.instant().plus(Duration.ofHours(1)));
			if (runs == 1) {
				assertThat(this.chore.due()).isBeforeOrEqualTo(this.clock.instant().plusSeconds(5));
			}
			Duration wait = this.chore.due().isAfter(this.clock.instant())
					? Duration.between(this.clock.instant(), this.chore.due()) : Duration.ZERO;
			this.clock.forward(wait);
			waited = waited.plus(wait);
		}
		assertThat(waited).as("how long 20 runs take").isGreaterThan(Duration.ofHours(6));
		this.chore.request();
		assertThat(this.chore.due()).as("somebody asks").isEqualTo(Instant.MIN);
		this.storage.heal();
		this.chore.run();
		assertThat(this.chore.last()).isPresent();
	}

	@Test
	void aClockThatIsPutBackPutsNoneOff() throws Exception {
		this.storage.failAlways(Operation.LIST);
		for (int runs = 1; runs <= 20; runs++) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(this.chore::run);
		}
		this.clock.forward(Duration.ofDays(-10));
		assertDueInAnHour();
		this.storage.heal();
		this.chore.run();
		assertThat(this.chore.last().orElseThrow().passed()).isFalse();
		assertDueInAnHour();
		this.clock.forward(Duration.ofDays(-10));
		assertDueInAnHour();
	}

	@Test
	void aResultOfAClockThatWasAheadPutsNoneOffWithEachRestart() throws Exception {
		Path note = this.folder.resolve("note");
		DrillResult ahead = new DrillResult(this.clock.instant().plus(Duration.ofDays(1000)), Txid.FIRST, true, null,
				null, Duration.ZERO, 0, 1);
		new DrillNote(note, this.storage.url()).write(ahead);
		this.chore = chore();
		assertThat(this.chore.last()).contains(ahead);
		assertDueInAnHour();
	}

	private void assertDueInAnHour() {
		Instant due = this.chore.due();
		assertThat(due).isBeforeOrEqualTo(this.clock.instant().plus(Duration.ofHours(1)));
		this.clock.forward(Duration.ofMinutes(1));
		assertThat(this.chore.due()).as("that is not put off again").isEqualTo(due);
	}

}
