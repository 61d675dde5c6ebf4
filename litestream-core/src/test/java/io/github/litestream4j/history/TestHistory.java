package io.github.litestream4j.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica whose every state is known.
 */
final class TestHistory {

	private final ReplicaStorage storage;

	private final ReplicaIndex index = ReplicaIndex.of(List.of());

	private final TestPages database;

	private final TreeMap<Long, byte[]> states = new TreeMap<>();

	private long txid;

	/**
	 * Begin a history with a snapshot of TXID 1.
	 */
	TestHistory(ReplicaStorage storage, long seed) {
		this.storage = storage;
		this.database = new TestPages(seed, 10);
		this.txid = 1;
		this.states.put(1L, this.database.bytes());
		snapshot();
	}

	ReplicaIndex index() {
		return this.index;
	}

	/** The last TXID. */
	long last() {
		return this.txid;
	}

	/** Store transactions in level 0. */
	void commit(int count) {
		for (int i = 0; i < count; i++) {
			this.txid++;
			SortedMap<Long, byte[]> changed = this.database.change();
			this.states.put(this.txid, this.database.bytes());
			put(0, this.txid, this.txid, changed);
		}
	}

	/** Store the state of now in level 9. */
	void snapshot() {
		put(9, 1, this.txid, this.database.all());
	}

	/** Begin the history anew with another database, as after a lost position. */
	void newHistory() {
		for (int i = 0; i < 5; i++) {
			this.database.change();
		}
		this.txid += 2;
		this.states.put(this.txid, this.database.bytes());
		snapshot();
	}

	/** Store a file of the newest state. */
	LtxKey put(int level, long min, long max, SortedMap<Long, byte[]> pages) {
		LtxKey key = key(level, min, max);
		Instant time = time(max);
		byte[] bytes = TestPages.file(key.name(), this.database.commit(), time, pages);
		assertThat(this.storage.putIfAbsent(key, Content.of(bytes),
				new FileAttributes(time, OptionalLong.of(checksum(max)))))
			.isTrue();
		this.index.add(key, bytes.length);
		return key;
	}

	/** All pages of the newest state. */
	SortedMap<Long, byte[]> pages() {
		return this.database.all();
	}

	static LtxKey key(int level, long min, long max) {
		return new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
	}

	static Instant time(long txid) {
		return Instant.ofEpochSecond(1_000_000 + txid);
	}

	/** Of the state of a TXID. */
	long checksum(long txid) {
		byte[] bytes = this.states.get(txid);
		long sum = 0;
		for (int i = 0; i < bytes.length; i += TestPages.PAGE_SIZE) {
			sum ^= Crc64.pageChecksum(i / TestPages.PAGE_SIZE + 1, bytes, i, TestPages.PAGE_SIZE);
		}
		return sum | Long.MIN_VALUE;
	}

	/** The names of a level's files, as the storage lists them. */
	List<String> listed(int level) {
		return this.storage.list(level).stream().map(TestHistory::shown).toList();
	}

	static String shown(StoredFile file) {
		return file.key().name().min().value() + "-" + file.key().name().max().value();
	}

	StoredFile stored(int level, long min, long max) {
		return this.storage.find(key(level, min, max)).orElseThrow();
	}

	/** Delete what is merged, but the newest. */
	void deleteLevel0() {
		List<LtxKey> keys = this.index.level(0)
			.stream()
			.map(StoredFile::key)
			.filter((key) -> key.name().max().value() != this.txid)
			.toList();
		this.storage.delete(keys);
		this.index.remove(keys);
	}

	void assertRestores(Path folder, long... txids) throws Exception {
		for (long txid : txids) {
			Path target = folder.resolve("restored-" + txid + "-" + System.nanoTime());
			new Restorer(this.storage)
				.restore(RestoreRequest.latest(target).to(new Txid(txid)).with(IntegrityCheck.NONE))
				.orElseThrow();
			assertThat(Files.readAllBytes(target)).as("TXID %d", txid).isEqualTo(this.states.get(txid));
		}
	}

}
