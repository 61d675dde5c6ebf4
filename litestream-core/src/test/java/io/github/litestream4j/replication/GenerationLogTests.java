package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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

	private static StoredFile file(int level, long min, long max) {
		return new StoredFile(new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max))), 100, Instant.EPOCH);
	}

}
