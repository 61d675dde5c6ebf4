package io.github.litestream4j.replication;

import java.time.Instant;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A writer begins a history anew, and the storage fails around its snapshot: another one
 * goes on meanwhile. The first one captures on, so that each try is a later snapshot.
 */
class RetriedSnapshotTests extends AbstractLogEndTests {

	private NewHistory history;

	private GenerationLog generations;

	@BeforeEach
	void claimed() throws Exception {
		for (long txid = 1; txid <= 5; txid++) {
			this.stored.putIfAbsent(key(txid), Content.of(ltx(txid)), Instant.EPOCH);
		}
		this.generations = new GenerationLog(this.storage, this.folder);
		this.generations.begin(new Txid(7), new Txid(6), "replica-ahead");
		this.history = NewHistory.after(this.storage, this.generations, this.progress.index(), new Txid(6));
		this.history.announce(snapshot(7), Instant.EPOCH);
		// Stored, and the answer was lost: another writer is restored from it
		put(7);
	}

	@Test
	void aSnapshotThatIsTriedAgainIsNotStoredInTheHistoryOfAnother() throws Exception {
		anotherGoesOn();
		this.generations.beginsLater(new Txid(9));
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> this.history.announce(snapshot(9), Instant.EPOCH))
			.withMessageContaining(key(8).toString());
		assertThat(new Restorer(this.stored).plan(RestoreRequest.latest(this.folder.resolve("restored.db")))
			.orElseThrow()
			.files()).extracting(StoredFile::key)
			.containsExactly(snapshot(7), key(8), key(9), key(10), key(11), key(12));
		assertThat(this.generations.max()).as("no record in the history of another").isEqualTo(new Txid(7));
	}

	@Test
	void allSnapshotsThatWereTriedAreTakenBackButThatOnWhichAnotherGoesOn() throws Exception {
		this.generations.beginsLater(new Txid(9));
		this.history.announce(snapshot(9), Instant.EPOCH);
		put(9);
		this.storage.failNext(Operation.LIST, 1);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> this.history.confirm(snapshot(9)));
		anotherGoesOn();
		this.generations.beginsLater(new Txid(11));
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> this.history.announce(snapshot(11), Instant.EPOCH));
		assertThat(this.stored.list(LtxKey.SNAPSHOT_LEVEL)).extracting(StoredFile::key).containsExactly(snapshot(7));
	}

	@Test
	void whatCannotBeTakenBackIsTakenBackByTheNextTry() throws Exception {
		this.generations.beginsLater(new Txid(9));
		this.history.announce(snapshot(9), Instant.EPOCH);
		put(9);
		anotherGoesOn();
		this.storage.failNext(Operation.DELETE, 1);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> this.history.confirm(snapshot(9)));
		this.generations.beginsLater(new Txid(11));
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> this.history.announce(snapshot(11), Instant.EPOCH));
		assertThat(this.stored.list(LtxKey.SNAPSHOT_LEVEL)).extracting(StoredFile::key).containsExactly(snapshot(7));
	}

	private void anotherGoesOn() throws Exception {
		for (long txid = 8; txid <= 12; txid++) {
			this.stored.putIfAbsent(key(txid), Content.of(ltx(txid)), Instant.EPOCH);
		}
	}

	private void put(long txid) throws Exception {
		byte[] content = ltx(1);
		this.stored.put(snapshot(txid), Instant.EPOCH, (out) -> out.write(content));
	}

}
