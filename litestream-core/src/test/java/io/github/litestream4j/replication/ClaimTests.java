package io.github.litestream4j.replication;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The file that a new history stores where the one before would go on.
 */
class ClaimTests extends AbstractLogEndTests {

	@Test
	void f30AClaimWhoseAnswerWasLostIsTakenAwayToo() throws Exception {
		for (long txid = 1; txid <= 5; txid++) {
			this.stored.putIfAbsent(key(txid), Content.of(ltx(txid)), Instant.EPOCH);
		}
		AtomicBoolean lost = new AtomicBoolean();
		NewHistory history = NewHistory.after(during(this::takeOver, () -> loseOnce(lost)),
				new GenerationLog(this.storage, this.folder), this.progress.index(), new Txid(6));
		LtxKey snapshot = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(7)));
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> history.announce(snapshot, Instant.EPOCH));
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 20L);
		assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> history.announce(snapshot, Instant.EPOCH));
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
	}

	@Test
	void f30AClaimThatIsTriedAgainLooksAgain() throws Exception {
		for (long txid = 1; txid <= 5; txid++) {
			this.stored.putIfAbsent(key(txid), Content.of(ltx(txid)), Instant.EPOCH);
		}
		GenerationLog generations = new GenerationLog(this.storage, this.folder);
		NewHistory history = NewHistory.after(this.storage, generations, this.progress.index(), new Txid(6));
		LtxKey snapshot = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(7)));
		this.storage.failNext(Operation.PUT_IF_ABSENT, 1);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> history.announce(snapshot, Instant.EPOCH));
		takeOver();
		assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> history.announce(snapshot, Instant.EPOCH));
		assertThat(level0()).containsExactly(1L, 2L, 3L, 4L, 5L, 20L);
		assertThat(this.progress.index().level(0)).isEmpty();
	}

	@Test
	void aClaimIsInTheIndex() throws Exception {
		this.stored.putIfAbsent(key(1), Content.of(ltx(1)), Instant.EPOCH);
		NewHistory history = NewHistory.after(this.storage, new GenerationLog(this.storage, this.folder),
				this.progress.index(), new Txid(2));
		history.announce(new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(3))), Instant.EPOCH);
		assertThat(this.progress.index().level(0)).extracting(StoredFile::key).containsExactly(key(2));
		assertThat(level0()).containsExactly(1L, 2L);
	}

}
