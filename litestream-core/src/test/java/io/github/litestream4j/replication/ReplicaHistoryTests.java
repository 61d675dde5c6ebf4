package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How far a replica goes, by the names of its files alone.
 */
class ReplicaHistoryTests {

	@TempDir
	Path folder;

	private FileReplicaStorage stored;

	@BeforeEach
	void prepare() {
		this.stored = new FileReplicaStorage(this.folder);
	}

	/** A file is its level, a colon, and its first and last TXID. */
	@ParameterizedTest
	@CsvSource({ "'', 0, 0", "9:1-1, 1, 1", "9:1-1 0:2-2 0:3-3, 3, 3", "9:1-7, 7, 7",
			// merged ranges, and what they were merged from
			"9:1-1 1:2-5 0:4-4 0:5-5 0:6-6, 6, 6", "9:1-1 2:2-9 1:2-5 1:6-9 0:9-9 0:a-a, a, a",
			// overlaps
			"9:1-1 1:2-6 1:4-8 0:9-9, 9, 9", "9:1-6 9:1-3 0:4-4 0:7-7, 7, 7",
			// gaps
			"9:1-1 0:3-3, 1, 3", "9:1-1 0:2-2 0:4-4 0:5-5, 2, 5", "9:1-1 1:2-3 0:5-5 2:2-4, 5, 5", "0:5-5, 0, 5",
			"0:5-5 0:6-6, 0, 6", "9:1-1 0:2-2 0:9-9 1:3-6, 6, 9",
			// a later snapshot bridges a gap
			"9:1-1 0:2-2 0:4-4 9:1-5 0:6-6, 6, 6",
			// many digits
			"9:1-ffff 0:10000-10000, 10000, 10000" })
	void endIsWhereTheFirstGapIs(String files, String end, String max) throws IOException {
		if (!files.isEmpty()) {
			for (String file : files.split(" ")) {
				put(file, 4096);
			}
		}
		ReplicaHistory history = ReplicaHistory.of(this.stored);
		assertThat(history.end()).isEqualTo(txid(end));
		assertThat(history.max()).isEqualTo(txid(max));
		assertThat(history.isEmpty()).isEqualTo(files.isEmpty());
	}

	@Test
	void anErrorIsNoEmptyHistory() {
		FaultyStorage storage = new FaultyStorage(this.stored);
		storage.failAlways(Operation.LIST);
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> ReplicaHistory.of(storage));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0:ffffffffffffffff-ffffffffffffffff", "9:1-ffffffffffffffff", "1:2-8000000000000000" })
	void aTxidThatNoHistoryReachesIsNamed(String file) throws IOException {
		put("9:1-1", 4096);
		LtxKey key = new LtxKey(file.charAt(0) - '0',
				new LtxFileName(new Txid(Long.parseUnsignedLong(file.substring(2, file.indexOf('-')), 16)),
						new Txid(Long.parseUnsignedLong(file.substring(file.indexOf('-') + 1), 16))));
		this.stored.putIfAbsent(key, Content.of(new byte[100]), Instant.EPOCH);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> ReplicaHistory.of(this.stored))
			.withMessageContaining(key.toString())
			.withMessageContaining(this.stored.url());
	}

	@Test
	void pageSizeIsThatOfTheNewestFile() throws IOException {
		assertThat(ReplicaHistory.of(this.stored).newest(this.stored)).isEmpty();
		put("9:1-1", 1024);
		assertThat(ReplicaHistory.of(this.stored).newest(this.stored)).map(LtxHeader::pageSize).hasValue(1024);
		put("0:2-2", 65536);
		assertThat(ReplicaHistory.of(this.stored).newest(this.stored)).map(LtxHeader::pageSize).hasValue(65536);
	}

	@Test
	void aNewestFileThatIsNoLtxFileIsAnError() {
		byte[] bytes = new byte[200];
		this.stored.putIfAbsent(key("9:1-1"), Content.of(bytes), Instant.EPOCH);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> ReplicaHistory.of(this.stored).newest(this.stored))
			.withMessageContaining("LTX");
	}

	private void put(String file, int pageSize) {
		LtxKey key = key(file);
		byte[] header = LtxHeader.of(pageSize, 1, key.name().min(), key.name().max(), Instant.EPOCH).encode().array();
		this.stored.putIfAbsent(key, Content.of(header), Instant.EPOCH);
	}

	private static LtxKey key(String file) {
		String[] parts = file.split("[:-]");
		return new LtxKey(Integer.parseInt(parts[0]), new LtxFileName(txid(parts[1]), txid(parts[2])));
	}

	private static Txid txid(String hex) {
		return new Txid(Long.parseLong(hex, 16));
	}

}
