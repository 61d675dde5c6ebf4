package io.github.litestream4j.replication;

import java.nio.file.Files;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
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
		LtxKey snapshot = snapshot(7);
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
		LtxKey snapshot = snapshot(7);
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
		history.announce(snapshot(3), Instant.EPOCH);
		assertThat(this.progress.index().level(0)).extracting(StoredFile::key).containsExactly(key(2));
		assertThat(level0()).containsExactly(1L, 2L);
	}

	/** It was shut before the record of the other one could be seen. */
	@Test
	void aHistoryDoesNotBeginBeforeTheSnapshotOfAnotherOne() throws Exception {
		this.stored.putIfAbsent(key(1), Content.of(ltx(1)), Instant.EPOCH);
		GenerationLog first = new GenerationLog(this.storage, this.folder);
		first.begin(new Txid(9), new Txid(2), "replica-ahead");
		NewHistory.after(this.storage, first, this.progress.index(), new Txid(2)).announce(snapshot(9), Instant.EPOCH);
		GenerationLog second = new GenerationLog(this.storage, Files.createDirectory(this.folder.resolve("second")));
		second.begin(new Txid(4), new Txid(3), "history-claimed");
		NewHistory history = NewHistory.after(this.storage, second, this.progress.index(), new Txid(3));
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> history.announce(snapshot(4), Instant.EPOCH))
			.withMessageContaining(new Txid(9).toString());
	}

	/** The other one has looked for records before this one's was there. */
	@Test
	void aSnapshotIsNotStoredInAHistoryThatWasBegunBeforeItsRecord() throws Exception {
		this.stored.putIfAbsent(key(1), Content.of(ltx(1)), Instant.EPOCH);
		ReplicaStorage slow = new ForwardingStorage(this.storage) {

			@Override
			public boolean putMetaIfAbsent(String name, byte[] content) {
				other(0, 3, 3);
				return super.putMetaIfAbsent(name, content);
			}

		};
		GenerationLog generations = new GenerationLog(slow, this.folder);
		generations.begin(new Txid(9), new Txid(2), "replica-ahead");
		NewHistory history = NewHistory.after(slow, generations, this.progress.index(), new Txid(2));
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> history.announce(snapshot(9), Instant.EPOCH))
			.withMessageContaining(key(3).toString());
	}

	@Test
	void aSnapshotThatBeginsAReplicaIsTakenBackWhereAnotherOneGoesOnFromTheOneBefore() throws Exception {
		byte[] content = ltx(1);
		GenerationLog generations = new GenerationLog(this.storage, this.folder);
		generations.begin(new Txid(1), new Txid(1), "first-start");
		NewHistory history = NewHistory.first(this.storage, generations, this.progress.index());
		history.announce(snapshot(1), Instant.EPOCH);
		this.stored.put(snapshot(1), Instant.EPOCH, (out) -> out.write(content));
		generations.beginsLater(new Txid(3));
		history.announce(snapshot(3), Instant.EPOCH);
		this.stored.put(snapshot(3), Instant.EPOCH, (out) -> out.write(content));
		other(0, 2, 2);
		assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> history.confirm(snapshot(3)));
		assertThat(this.stored.list(LtxKey.SNAPSHOT_LEVEL)).extracting(StoredFile::key).containsExactly(snapshot(1));
	}

	/** Only the checksum at the file's end tells of it. */
	@Test
	void aDamagedPageIsNotStoredAgain() throws Exception {
		this.stored.putIfAbsent(key(1), Content.of(ltx(1)), Instant.EPOCH);
		byte[] page = new byte[512];
		new Random(1).nextBytes(page);
		byte[] damaged = ltx(2, page);
		damaged[LtxHeader.SIZE + 200] ^= 0x10;
		this.stored.putIfAbsent(key(2), Content.of(damaged), Instant.EPOCH);
		GenerationLog generations = new GenerationLog(this.storage, this.folder);
		NewHistory history = NewHistory.after(this.storage, generations, this.progress.index(), new Txid(3));
		history.announce(snapshot(4), Instant.EPOCH);
		byte[] stored = new byte[512];
		StoredFile claim = this.stored.find(key(3)).orElseThrow();
		try (LtxReader reader = new LtxReader(this.stored.read(claim.key(), 0, claim.size()), "the claim")) {
			reader.nextPage(stored);
		}
		assertThat(stored).isEqualTo(new byte[512]);
	}

}
