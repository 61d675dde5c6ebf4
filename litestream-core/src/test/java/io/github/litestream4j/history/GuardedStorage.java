package io.github.litestream4j.history;

import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A storage whose deletions and reads a test can take into its own hands.
 */
final class GuardedStorage implements ReplicaStorage {

	private final ReplicaStorage storage;

	/** What was to be deleted, in order. */
	final List<LtxKey> deletions = new ArrayList<>();

	int timeRequests;

	private Consumer<Collection<LtxKey>> delete;

	private Runnable beforeRead = () -> {
	};

	GuardedStorage(ReplicaStorage storage) {
		this.storage = storage;
		this.delete = storage::delete;
	}

	GuardedStorage deleting(Consumer<Collection<LtxKey>> delete) {
		this.delete = delete;
		return this;
	}

	GuardedStorage beforeRead(Runnable beforeRead) {
		this.beforeRead = beforeRead;
		return this;
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		this.deletions.addAll(keys);
		this.delete.accept(keys);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		this.beforeRead.run();
		return this.storage.read(key, offset, length);
	}

	@Override
	public List<StoredFile> list(int level) {
		return this.storage.list(level);
	}

	@Override
	public Instant timestamp(StoredFile file) {
		this.timeRequests++;
		return this.storage.timestamp(file);
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return this.storage.databaseChecksum(file);
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		return this.storage.putIfAbsent(key, content, attributes);
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		return this.storage.put(key, timestamp, body);
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long checksum) {
		this.storage.putDatabaseChecksum(key, checksum);
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return this.storage.readMeta(name);
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return this.storage.putMetaIfAbsent(name, content);
	}

	@Override
	public List<String> listMeta(String folder) {
		return this.storage.listMeta(folder);
	}

	@Override
	public String url() {
		return this.storage.url();
	}

}
