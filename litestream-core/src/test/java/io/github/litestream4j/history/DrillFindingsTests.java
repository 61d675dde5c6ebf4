package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a drill finds though the newest state can be restored and each file is sound, and
 * how far that reaches.
 */
class DrillFindingsTests extends AbstractStoredHistoryTests {

	@Test
	void namesWhatTheListingsShow() throws Exception {
		this.history.commits(3).snapshot().commits(3);
		assertThat(drill().failure()).isNull();
		this.storage.delete(List.of(StoredHistory.key(0, 3, 3)));
		DrillResult result = drill();
		assertThat(result.failure()).contains(StoredHistory.key(0, 4, 4) + " follows a hole in its level");
		assertThat(result.harmed()).isEqualTo(new Txid(4));
		assertThat(new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED).run(null).failure())
			.as("the restore, and the files by themselves")
			.isNull();
	}

	@Test
	void whatCannotBeReachedIsHarmedUpToTheNextSnapshot() throws Exception {
		this.history.commits(6).snapshot().commits(3);
		this.storage.delete(List.of(StoredHistory.key(0, 3, 3)));
		DrillResult result = drill();
		assertThat(result.failure()).contains("cannot be restored");
		assertThat(result.harmed()).isEqualTo(new Txid(7));
	}

	@Test
	void passesOverWhatRetentionLeftWhenItWasCutShort() throws Exception {
		this.history.commits(3).snapshot().commits(3);
		ReplicaIndex index = this.history.index();
		List<LtxKey> going = List.of(StoredHistory.key(9, 1, 1), StoredHistory.key(0, 2, 2), StoredHistory.key(0, 3, 3),
				StoredHistory.key(0, 4, 4));
		this.storage.delete(going.subList(0, 1));
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index);
		assertThat(drill.run(null).failure()).contains("the oldest snapshot is of TXID");
		index.going(going);
		assertThat(drill.run(null).failure()).isNull();
	}

	@Test
	void comparesWhatIsStoredBesideAnEarlierSnapshot() throws Exception {
		this.history.commits(3).snapshot().commits(3);
		LtxKey first = StoredHistory.key(9, 1, 1);
		this.storage.putDatabaseChecksum(first, -1);
		DrillResult result = drill();
		assertThat(result.failure()).contains(first.toString()).contains("ffffffffffffffff is stored beside it");
		assertThat(result.harmed()).isEqualTo(Txid.FIRST);
	}

	@Test
	void outlivesARestart() throws Exception {
		Path file = this.folder.resolve("note");
		DrillResult result = new DrillResult(Instant.EPOCH, new Txid(9), false, "a file is gone", new Txid(7),
				Duration.ofSeconds(1), 2, 3);
		new DrillNote(file, "replica").write(result);
		assertThat(new DrillNote(file, "replica").read()).contains(result);
	}

	private DrillResult drill() throws IOException {
		return new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, List::of, ReplicaIndex.of(List.of()))
			.run(null);
	}

}
