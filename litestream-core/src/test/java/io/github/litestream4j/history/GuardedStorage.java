package io.github.litestream4j.history;

import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A storage whose deletions and reads a test can take into its own hands.
 */
class GuardedStorage extends ForwardingStorage {

	/** What was to be deleted, in order. */
	final List<LtxKey> deletions = new ArrayList<>();

	int timeRequests;

	private Consumer<Collection<LtxKey>> delete;

	private Runnable beforeRead = () -> {
	};

	GuardedStorage(ReplicaStorage storage) {
		super(storage);
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
		return super.read(key, offset, length);
	}

	@Override
	public Instant timestamp(StoredFile file) {
		this.timeRequests++;
		return super.timestamp(file);
	}

}
