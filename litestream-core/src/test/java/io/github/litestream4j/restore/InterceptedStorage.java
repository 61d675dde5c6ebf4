package io.github.litestream4j.restore;

import java.io.InputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * A storage between whose caller and another storage a test can step.
 */
final class InterceptedStorage extends ForwardingStorage {

	private IntConsumer beforeList = (level) -> {
	};

	private UnaryOperator<List<LegacyFile>> legacyListings = UnaryOperator.identity();

	private Reads reads;

	final AtomicInteger readRequests = new AtomicInteger();

	InterceptedStorage(ReplicaStorage delegate) {
		super(delegate);
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
		return super.list(level);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		this.readRequests.incrementAndGet();
		return this.reads.read(key, offset, length);
	}

	InterceptedStorage listingLegacy(UnaryOperator<List<LegacyFile>> listings) {
		this.legacyListings = listings;
		return this;
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return this.legacyListings.apply(super.listLegacy());
	}

	/**
	 * How files are read.
	 */
	@FunctionalInterface
	interface Reads {

		InputStream read(LtxKey key, long offset, long length);

	}

}
