package io.github.litestream4j.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Deletions that no rule asks for, and that would lose something (F51).
 */
class RetentionProofTests {

	private final List<StoredFile> files = new ArrayList<>(List.of(file(9, 1, 1), file(0, 2, 2), file(0, 3, 3),
			file(1, 2, 3), file(9, 1, 4), file(0, 5, 5), file(0, 6, 6)));

	@Test
	void f51AFileInTheMiddleOfAChainIsMissed() {
		harms(Txid.ZERO, file(0, 5, 5), "level 0 0000000000000005-0000000000000005.ltx would go");
		this.files.add(file(1, 5, 5));
		harms(Txid.ZERO, file(0, 5, 5), null);
	}

	@Test
	void f51ABaseIsMissedByWhatStandsOnIt() {
		harms(Txid.ZERO, file(9, 1, 4), "level 9 0000000000000001-0000000000000004.ltx would go");
		harms(Txid.ZERO, file(9, 1, 1), "level 9 0000000000000001-0000000000000001.ltx would go");
		harms(new Txid(4), file(9, 1, 1), null);
		this.files.remove(file(0, 2, 2));
		this.files.remove(file(0, 3, 3));
		this.files.add(file(2, 1, 1));
		harms(Txid.ZERO, file(9, 1, 1), null);
	}

	@Test
	void aMergedFileStandsForItsInputs() {
		harms(Txid.ZERO, file(0, 2, 2), null);
		harms(Txid.ZERO, file(0, 3, 3), null);
		harms(Txid.ZERO, file(1, 2, 3), null);
	}

	@Test
	void theNewestNameAndTheNewestStateStay() {
		harms(Txid.ZERO, file(0, 6, 6), "level 0 0000000000000006-0000000000000006.ltx would go");
		this.files.add(file(0, 9, 9));
		harms(new Txid(10), file(0, 9, 9), "names the newest TXID");
	}

	@Test
	void aFileBeyondAHoleIsMissedByItsTimes() {
		this.files.add(file(0, 9, 9));
		this.files.add(file(0, 10, 10));
		harms(Txid.ZERO, file(0, 9, 9), "no merged file leads across it from the state before");
	}

	@Test
	void namesTheReplicaTheFileAndWhatToDo() {
		RetentionProof proof = new RetentionProof(this.files, Txid.ZERO);
		List<StoredFile> kept = new ArrayList<>(this.files);
		kept.remove(file(0, 5, 5));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> proof.require(kept, "file:/replica"))
			.withMessageContaining("Nothing is deleted from file:/replica: of its 7 files 6 would stay")
			.withMessageContaining("litestream.retention.enabled=false");
	}

	private void harms(Txid oldest, StoredFile gone, String problem) {
		List<StoredFile> kept = new ArrayList<>(this.files);
		assertThat(kept.remove(gone)).isTrue();
		Optional<RetentionProof.Harm> harm = new RetentionProof(this.files, oldest).harm(kept);
		assertThat(harm.isPresent()).isEqualTo(problem != null);
		harm.ifPresent((found) -> assertThat(found.file().key() + " " + found.problem()).contains(problem));
	}

	private static StoredFile file(int level, long min, long max) {
		return new StoredFile(StoredHistory.key(level, min, max), 1000, Instant.EPOCH);
	}

}
