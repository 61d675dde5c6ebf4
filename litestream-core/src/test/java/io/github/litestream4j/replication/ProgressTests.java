package io.github.litestream4j.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The replica's position is the end of what is stored without a gap.
 */
class ProgressTests {

	@Test
	void nothingCountsBeforeTheSnapshotThatItNeeds() {
		Progress progress = new Progress(Txid.ZERO);
		progress.snapshotNeeded(new Txid(1));
		progress.uploaded(new Txid(2));
		progress.uploaded(new Txid(3));
		assertThat(progress.replicated()).isEqualTo(Txid.ZERO);
		assertThat(progress.isSnapshotMissing()).isTrue();
		progress.snapshotStored(new Txid(1));
		assertThat(progress.replicated()).isEqualTo(new Txid(3));
		assertThat(progress.isSnapshotMissing()).isFalse();
		progress.uploaded(new Txid(4));
		assertThat(progress.replicated()).isEqualTo(new Txid(4));
	}

	@Test
	void whatContinuesTheOldHistoryCountsUntilTheNewOneBegins() {
		Progress progress = new Progress(new Txid(5));
		progress.captured(new Txid(7));
		progress.snapshotNeeded(new Txid(8));
		progress.uploaded(new Txid(6));
		progress.uploaded(new Txid(7));
		assertThat(progress.replicated()).isEqualTo(new Txid(7));
		progress.uploaded(new Txid(9));
		assertThat(progress.replicated()).isEqualTo(new Txid(7));
		progress.snapshotStored(new Txid(8));
		assertThat(progress.replicated()).isEqualTo(new Txid(9));
	}

	@Test
	void aSnapshotThatIsNotTheNeededOneEndsNothing() {
		Progress progress = new Progress(new Txid(5));
		progress.snapshotNeeded(new Txid(8));
		progress.snapshotStored(new Txid(7));
		assertThat(progress.isSnapshotMissing()).isTrue();
		assertThat(progress.replicated()).isEqualTo(new Txid(5));
		progress.snapshotStored(new Txid(8));
		assertThat(progress.replicated()).isEqualTo(new Txid(8));
	}

	@Test
	void neverGoesBack() {
		Progress progress = new Progress(new Txid(5));
		progress.snapshotNeeded(new Txid(8));
		progress.snapshotStored(new Txid(8));
		progress.uploaded(new Txid(6));
		progress.uploaded(new Txid(7));
		assertThat(progress.replicated()).isEqualTo(new Txid(8));
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void saysNoMoreThanIsStoredInWhateverOrderTheTwoThreadsCome(long seed) {
		Random random = new Random(seed);
		Progress progress = new Progress(new Txid(3));
		progress.captured(new Txid(6));
		// Files 4 to 6 are under way when a history begins at 7, and 8 to 12 follow
		progress.snapshotNeeded(new Txid(7));
		List<Long> files = new ArrayList<>(List.of(4L, 5L, 6L, 8L, 9L, 10L, 11L, 12L));
		int snapshotAfter = random.nextInt(files.size() + 1);
		long last = 3;
		boolean snapshot = false;
		for (int i = 0; i <= files.size(); i++) {
			if (i == snapshotAfter) {
				progress.snapshotStored(new Txid(7));
				snapshot = true;
			}
			if (i < files.size()) {
				last = files.get(i);
				progress.uploaded(new Txid(last));
			}
			long expected = snapshot ? Math.max(last, 7) : Math.min(last, 6);
			assertThat(progress.replicated()).as("after %s and %d", snapshot, last).isEqualTo(new Txid(expected));
		}
		assertThat(Collections.max(files)).isEqualTo(progress.replicated().value());
	}

	@Test
	void f59TellsTheNearestErrorUntilItIsOvercomeAndTheLastOneForEver() {
		Progress progress = new Progress(Txid.ZERO);
		progress.failed(ErrorStage.SNAPSHOT, "snapshot");
		progress.failed(ErrorStage.UPLOAD, "first upload");
		progress.failed(ErrorStage.UPLOAD, "upload");
		progress.failed(ErrorStage.CAPTURE, "capture");
		progress.passed(ErrorStage.STAGING, "staging");
		assertThat(progress.failure()).isEqualTo("capture");
		progress.overcome(ErrorStage.CAPTURE);
		assertThat(progress.failure()).isEqualTo("upload");
		progress.uploaded(Txid.FIRST);
		assertThat(progress.failure()).isEqualTo("snapshot");
		progress.snapshotStored(Txid.FIRST);
		assertThat(progress.failure()).isNull();
		ReplicationErrors errors = progress.errors();
		assertThat(errors.count(ErrorStage.UPLOAD)).isEqualTo(2);
		assertThat(errors.count(ErrorStage.CHECKPOINT)).isZero();
		assertThat(errors.present()).isEmpty();
		assertThat(errors.stages().values()).extracting(StageErrors::message)
			.containsExactly("capture", "staging", "upload", "snapshot");
		assertThat(errors.last())
			.hasValueSatisfying((last) -> assertThat(last.time()).isBeforeOrEqualTo(Instant.now()));
	}

	@Test
	void f59TheReasonOfAFenceIsToldWhateverElseFails() {
		Progress progress = new Progress(Txid.ZERO);
		progress.failed(ErrorStage.CAPTURE, "capture");
		progress.fenced("another writer");
		assertThat(progress.failure()).isEqualTo("another writer");
		assertThat(progress.errors().count(ErrorStage.UPLOAD)).isOne();
	}

	@Test
	void waitersGoOnWhenItIsStoredOrNeverWillBe() throws Exception {
		Progress progress = new Progress(Txid.ZERO);
		CompletableFuture<Boolean> stored = waiter(progress, 2);
		CompletableFuture<Boolean> fenced = waiter(progress, 9);
		progress.uploaded(new Txid(1));
		assertThat(stored).isNotDone();
		progress.uploaded(new Txid(2));
		assertThat(stored.get(10, TimeUnit.SECONDS)).isTrue();
		assertThat(fenced).isNotDone();
		progress.fenced("another writer");
		assertThat(fenced.get(10, TimeUnit.SECONDS)).isFalse();
		assertThat(progress.awaitReplicated(new Txid(2), System.nanoTime())).isTrue();
		long start = System.nanoTime();
		assertThat(new Progress(Txid.ZERO).awaitReplicated(Txid.FIRST, start + 50_000_000)).isFalse();
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
	}

	private static CompletableFuture<Boolean> waiter(Progress progress, long txid) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return progress.awaitReplicated(new Txid(txid), System.nanoTime() + Duration.ofSeconds(20).toNanos());
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> new Thread(task).start());
	}

}
