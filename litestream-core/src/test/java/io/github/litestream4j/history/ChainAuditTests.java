package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.history.AuditReport.Finding;
import io.github.litestream4j.history.AuditReport.Kind;
import io.github.litestream4j.history.AuditReport.Point;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the listings of a replica tell, of a sound one and of each that lacks a file.
 */
class ChainAuditTests extends AbstractStoredHistoryTests {

	/** Two generations, an interval snapshot, and what retention leaves of level 0. */
	private void twoGenerations() throws IOException {
		record(1);
		this.history.commits(9).merge(1, 2, 5).merge(1, 6, 10).merge(2, 2, 10).beginAnew();
		record(11);
		this.history.commits(4).snapshot().commits(10);
		this.history.merge(1, 12, 15).merge(1, 16, 19).merge(2, 12, 19).commits(3);
		for (long txid = 2; txid <= 15; txid++) {
			this.storage.delete(List.of(StoredHistory.key(0, txid, txid)));
		}
	}

	private void record(long first) {
		this.storage.putMetaIfAbsent(new GenerationName(new Txid(first)).metaName(),
				"{}".getBytes(StandardCharsets.US_ASCII));
	}

	@Test
	void tellsOfASoundReplicaWhatItHolds() throws IOException {
		twoGenerations();
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.findings()).isEmpty();
		assertThat(report.isSound()).isTrue();
		assertThat(report.replica()).isEqualTo(this.storage.url());
		assertThat(report.oldest()).isEqualTo(new Point(new Txid(1), this.history.time(1)));
		assertThat(report.newest()).isEqualTo(new Point(new Txid(28), this.history.time(28)));
		assertThat(report.named()).isEqualTo(new Txid(28));
		assertThat(report.levels()).extracting(AuditReport.Level::level).containsExactly(0, 1, 2, 9);
		assertThat(report.levels().get(0)).isEqualTo(
				new AuditReport.Level(0, 13, this.storage.list(0).stream().mapToLong((file) -> file.size()).sum(),
						new Txid(16), new Txid(28), 0, 0));
		assertThat(report.levels().get(3).files()).isEqualTo(3);
	}

	@Test
	void anEmptyReplicaHasNothingToSay() {
		FileReplicaStorage empty = new FileReplicaStorage(this.folder.resolve("empty"));
		AuditReport report = ChainAudit.of(empty);
		assertThat(report.findings()).isEmpty();
		assertThat(report.newest()).isNull();
		assertThat(report.oldest()).isNull();
		assertThat(report.named()).isEqualTo(Txid.ZERO);
	}

	/**
	 * But for the newest ones, which nothing refers to, and a snapshot that chains lead
	 * across: nothing is lost with that.
	 */
	@Test
	void namesWhereEachFileIsMissing() throws IOException {
		twoGenerations();
		for (LtxKey key : this.history.keys()) {
			Path path = this.history.path(key);
			byte[] content = Files.readAllBytes(path);
			Files.delete(path);
			AuditReport report = ChainAudit.of(this.storage);
			boolean lossless = key.equals(StoredHistory.key(0, 28, 28)) || key.equals(StoredHistory.key(9, 1, 15))
					|| key.equals(StoredHistory.key(2, 12, 19));
			assertThat(report.findings().isEmpty()).as("%s: %s", key, report.findings()).isEqualTo(lossless);
			Files.write(path, content);
		}
		assertThat(without(StoredHistory.key(0, 22, 22))).satisfies((finding) -> {
			assertThat(finding.kind()).isEqualTo(Kind.UNREACHABLE);
			assertThat(finding).hasToString(
					"level 0 0000000000000017-0000000000000017.ltx and the 5 after it, up to 000000000000001c, cannot be restored: no file leads on from TXID 0000000000000015, the last state before. The latest state is among them, so a restore of it fails");
		});
		assertThat(without(StoredHistory.key(0, 18, 18)).kind()).isEqualTo(Kind.MERGED);
		assertThat(without(StoredHistory.key(0, 16, 16)).kind()).isEqualTo(Kind.MERGED);
		assertThat(without(StoredHistory.key(1, 6, 10)).kind()).isEqualTo(Kind.MERGED);
		assertThat(without(StoredHistory.key(1, 12, 15)).kind()).isEqualTo(Kind.HOLE);
		assertThat(without(StoredHistory.key(1, 2, 5)).kind()).isEqualTo(Kind.MERGED);
		assertThat(without(StoredHistory.key(2, 2, 10)).kind()).isEqualTo(Kind.LATE);
		assertThat(without(StoredHistory.key(9, 1, 11))).hasToString(
				"level 1 000000000000000c-000000000000000f.ltx follows a hole in its level: TXIDs 000000000000000b to 000000000000000b are missing after level 1 0000000000000006-000000000000000a.ltx, and in all other levels, too");
		assertThat(without(StoredHistory.key(9, 1, 1)).kind()).isEqualTo(Kind.LEFT_OVER);
	}

	/** The worst finding when one file is away. */
	private Finding without(LtxKey key) throws IOException {
		byte[] content = Files.readAllBytes(this.history.path(key));
		Files.delete(this.history.path(key));
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.isSound()).isEqualTo(report.findings().get(0).kind().isNote());
		Files.write(this.history.path(key), content);
		return report.findings().get(0);
	}

	@Test
	void namesAFileThatIsTooSmall() throws IOException {
		twoGenerations();
		Files.write(this.history.path(StoredHistory.key(1, 6, 10)), new byte[130]);
		Files.write(this.history.path(StoredHistory.key(9, 1, 15)), new byte[0]);
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.isSound()).isFalse();
		assertThat(report.findings()).hasSize(2).allMatch((finding) -> finding.kind() == Kind.TOO_SMALL);
		assertThat(report.findings()).extracting(Finding::toString)
			.containsExactly(
					"level 1 0000000000000006-000000000000000a.ltx has 130 bytes, and an LTX file at least 131: a restore that needs it fails",
					"level 9 0000000000000001-000000000000000f.ltx has 0 bytes, and an LTX file at least 131: a restore that needs it fails");
	}

	@Test
	void aGapWhereNoHistoryBeganIsAHoleThoughASnapshotEndsThere() throws IOException {
		twoGenerations();
		Files.delete(this.folder.resolve("replica/meta/generations/" + new Txid(11) + ".json"));
		assertThat(ChainAudit.of(this.storage).findings()).extracting(Finding::kind)
			.containsExactly(Kind.HOLE, Kind.HOLE);
		Files.delete(this.folder.resolve("replica/meta/generations/" + new Txid(1) + ".json"));
		assertThat(ChainAudit.of(this.storage).findings()).as("a replica without any record").isEmpty();
	}

	@Test
	void namesOverlapsAndWhatIsNoSnapshot() throws IOException {
		this.history.commits(9).merge(1, 2, 6).merge(1, 5, 9).merge(9, 4, 8);
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.findings()).extracting(Finding::kind).containsExactly(Kind.NOT_A_SNAPSHOT, Kind.OVERLAP);
		assertThat(report.findings().get(1).toString()).startsWith("level 1 0000000000000005-0000000000000009.ltx")
			.contains("level 1 0000000000000002-0000000000000006.ltx");
		assertThat(report.levels().get(1).overlaps()).isEqualTo(1);
	}

	@Test
	void saysThatNothingCanBeRestoredWithoutASnapshot() throws IOException {
		this.history.commits(4);
		Files.delete(this.history.path(StoredHistory.key(9, 1, 1)));
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.isSound()).isFalse();
		assertThat(report.newest()).isNull();
		assertThat(report.findings()).singleElement()
			.satisfies((finding) -> assertThat(finding.kind()).isEqualTo(Kind.NO_SNAPSHOT));
	}

	@Test
	void tellsWhatATimeMeansWhereAPartOfLevel0IsDeleted() throws IOException {
		this.history.commits(6).merge(1, 2, 6);
		LtxKey first = StoredHistory.key(0, 2, 2);
		byte[] content = Files.readAllBytes(this.history.path(first));
		this.storage.delete(List.of(first));
		assertThat(ChainAudit.of(this.storage).findings()).extracting(Finding::toString)
			.anyMatch((text) -> text.contains("leads across from TXID " + new Txid(1)));
		assertThat(this.history.restoreTimeOf(4)).isEqualTo(1);
		Files.write(this.history.path(first), content);
		this.storage.delete(List.of(StoredHistory.key(0, 3, 3)));
		AuditReport report = ChainAudit.of(this.storage);
		assertThat(report.isSound()).isTrue();
		assertThat(report.findings()).extracting(Finding::toString)
			.anyMatch((text) -> text.contains("came after TXID " + new Txid(2)) && text.contains("is refused"));
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> this.history.restoreTimeOf(4));
	}

}
