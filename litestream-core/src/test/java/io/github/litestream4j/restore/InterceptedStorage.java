package io.github.litestream4j.restore;

import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A storage between whose caller and another storage a test can step.
 */
final class InterceptedStorage implements ReplicaStorage {

	private final ReplicaStorage delegate;

	private IntConsumer beforeList = (level) -> {
	};

	private UnaryOperator<List<LegacyFile>> legacyListings = UnaryOperator.identity();

	private Reads reads;

	final AtomicInteger readRequests = new AtomicInteger();

	InterceptedStorage(ReplicaStorage delegate) {
		this.delegate = delegate;
		this.reads = delegate::read;
	}

	InterceptedStorage listing(IntConsumer beforeList) {
		this.beforeList = beforeList;
		return this;
	}

	InterceptedStorage reading(Reads reads) {
		this.reads = reads;
		return this;
	}

	@Override
	public List<StoredFile> list(int level) {
		this.beforeList.accept(level);
		return this.delegate.list(level);
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return this.delegate.databaseChecksum(file);
	}

	@Override
	public Instant timestamp(StoredFile file) {
		return this.delegate.timestamp(file);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		this.readRequests.incrementAndGet();
		return this.reads.read(key, offset, length);
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		return this.delegate.putIfAbsent(key, content, attributes);
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		return this.delegate.put(key, timestamp, body);
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		this.delegate.delete(keys);
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return this.delegate.readMeta(name);
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return this.delegate.putMetaIfAbsent(name, content);
	}

	@Override
	public List<String> listMeta(String folder) {
		return this.delegate.listMeta(folder);
	}

	InterceptedStorage listingLegacy(UnaryOperator<List<LegacyFile>> listings) {
		this.legacyListings = listings;
		return this;
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return this.legacyListings.apply(this.delegate.listLegacy());
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return this.delegate.readLegacy(file, offset);
	}

	@Override
	public String url() {
		return this.delegate.url();
	}

	/**
	 * How files are read.
	 */
	@FunctionalInterface
	interface Reads {

		InputStream read(LtxKey key, long offset, long length);

	}

}
