package io.github.litestream4j.restore;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A replica that is nothing but its listings and times.
 */
final class ListedStorage implements ReplicaStorage {

	private final Map<LtxKey, Instant> times = new HashMap<>();

	private final List<StoredFile> files = new ArrayList<>();

	/** The records of generations. */
	private final Map<String, String> records = new TreeMap<>();

	int timeRequests;

	static StoredFile file(int level, long min, long max, long size) {
		LtxKey key = new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
		return new StoredFile(key, size, Instant.EPOCH);
	}

	ListedStorage add(StoredFile file, Instant time) {
		this.files.add(file);
		this.times.put(file.key(), time);
		return this;
	}

	/**
	 * Add a file whose time is as many seconds after the epoch as its last TXID.
	 * @param level the level
	 * @param min the first TXID
	 * @param max the last TXID
	 * @return this
	 */
	ListedStorage add(int level, long min, long max) {
		return add(file(level, min, max, 1000), Instant.ofEpochSecond(max));
	}

	ListedStorage remove(int level, long min, long max) {
		this.files.removeIf((file) -> file.key().equals(file(level, min, max, 1).key()));
		return this;
	}

	/**
	 * Record that a history begins with a TXID.
	 */
	ListedStorage begin(long txid) {
		this.records.put(new GenerationName(new Txid(txid)).metaName(), "{}");
		return this;
	}

	ListedStorage shuffle(long seed) {
		Collections.shuffle(this.files, new Random(seed));
		return this;
	}

	List<StoredFile> files() {
		return List.copyOf(this.files);
	}

	Instant timeOf(StoredFile file) {
		Instant time = this.times.get(file.key());
		if (time == null) {
			throw new MissingFileException(file.key() + " is not here");
		}
		return time;
	}

	@Override
	public List<StoredFile> list(int level) {
		return this.files.stream().filter((file) -> file.key().level() == level).toList();
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return OptionalLong.empty();
	}

	@Override
	public Instant timestamp(StoredFile file) {
		this.timeRequests++;
		return timeOf(file);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		throw new UnsupportedOperationException();
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		throw new UnsupportedOperationException();
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long checksum) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return Optional.ofNullable(this.records.get(name))
			.map((content) -> content.getBytes(StandardCharsets.US_ASCII));
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<String> listMeta(String folder) {
		return this.records.keySet()
			.stream()
			.filter((name) -> name.startsWith(folder + "/"))
			.map((name) -> name.substring(folder.length() + 1))
			.toList();
	}

	@Override
	public String url() {
		return "file:/listed";
	}

}
