package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The records of the generations outlive their files.
 */
class GenerationLogTests {

	@TempDir
	Path folder;

	@Test
	void onlyTheRecordsOfGenerationsThatMayHaveFilesAreRead() {
		FaultyStorage storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		for (long first = 10; first <= 1000; first += 10) {
			Generation generation = new Generation("g" + first, new Txid(first), Instant.EPOCH, "test", "test");
			// A snapshot two after the end of the one before
			storage.putMetaIfAbsent(new GenerationName(new Txid(first)).metaName(),
					new Generation.Stored(generation, new Txid(first - 1)).encode());
		}
		List<StoredFile> files = new ArrayList<>();
		files.add(file(9, 1, 970));
		files.add(file(0, 971, 971));
		files.add(file(0, 978, 978));
		files.add(file(9, 1, 990));
		files.add(file(0, 991, 995));
		GenerationLog log = new GenerationLog(storage, this.folder.resolve("staging"));
		ReplicaHistory history = new ReplicaHistory(files, new Txid(995), new Txid(995));
		log.learn(history);
		log.continues(history);
		assertThat(storage.calls(Operation.READ_META)).isLessThanOrEqualTo(4);
		assertThat(log.current()).isEqualTo("g990");
		assertThat(log.contents(files, new Txid(995)).generations())
			.extracting((span) -> span.generation().id() + " " + span.lastTxid().value() + " " + span.current())
			.containsExactly("g970 978 false", "g990 995 true");
		assertThat(log.listContents(files, new Txid(995))).isEqualTo(log.contents(files, new Txid(995)));
	}

	@Test
	void aDamagedRecordHidesNoOther() {
		FaultyStorage storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		for (long first = 10; first <= 30; first += 10) {
			Generation generation = new Generation("g" + first, new Txid(first), Instant.EPOCH, "test", "test");
			storage.putMetaIfAbsent(new GenerationName(new Txid(first)).metaName(),
					(first == 20) ? new byte[100] : new Generation.Stored(generation, new Txid(first - 1)).encode());
		}
		List<StoredFile> files = List.of(file(0, 10, 15), file(0, 20, 25), file(0, 30, 35));
		GenerationLog log = new GenerationLog(storage, this.folder.resolve("staging"));
		ReplicaHistory history = new ReplicaHistory(files, new Txid(35), new Txid(35));
		log.learn(history);
		log.continues(history);
		assertThat(log.current()).isEqualTo("g30");
		ReplicaContents contents = log.contents(files, new Txid(35));
		assertThat(contents.generations())
			.extracting((span) -> span.generation().id() + " " + span.lastTxid().value() + " " + span.current())
			.containsExactly("g10 19 false", "g30 35 true");
		assertThat(contents.damaged()).singleElement().satisfies((damaged) -> {
			assertThat(damaged.firstTxid()).isEqualTo(new Txid(20));
			assertThat(damaged.lastTxid()).isEqualTo(new Txid(28));
			assertThat(damaged.damage()).contains("meta/generations/0000000000000014.json in " + storage.url());
		});
		assertThat(log.listContents(files, new Txid(35))).isEqualTo(contents);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> log.all(history))
			.withMessageContaining("0000000000000014.json");
	}

	@Test
	void theFormerGenerationIsNotTakenForADamagedOne() {
		FaultyStorage storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		Generation former = new Generation("g10", new Txid(10), Instant.EPOCH, "test", "test");
		storage.putMetaIfAbsent(new GenerationName(new Txid(10)).metaName(),
				new Generation.Stored(former, new Txid(10)).encode());
		storage.putMetaIfAbsent(new GenerationName(new Txid(20)).metaName(), new byte[100]);
		List<StoredFile> files = List.of(file(0, 10, 15), file(0, 20, 25));
		GenerationLog log = new GenerationLog(storage, this.folder.resolve("staging"));
		ReplicaHistory history = new ReplicaHistory(files, new Txid(25), new Txid(25));
		log.learn(history);
		log.continues(history);
		assertThat(log.current()).isNull();
		assertThat(log.contents(files, new Txid(25)).generations())
			.extracting((span) -> span.lastTxid().value() + " " + span.current())
			.containsExactly("19 false");
	}

	private static StoredFile file(int level, long min, long max) {
		return new StoredFile(new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max))), 100, Instant.EPOCH);
	}

}
