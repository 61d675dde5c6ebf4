package io.github.litestream4j.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an observer of each call on another storage, and passes everything on unchanged.
 */
public final class ObservedStorage implements ReplicaStorage {

	private static final Logger logger = LoggerFactory.getLogger(ObservedStorage.class);

	private final ReplicaStorage storage;

	private final StorageObserver observer;

	private final AtomicBoolean observerFailed = new AtomicBoolean();

	public ObservedStorage(ReplicaStorage storage, StorageObserver observer) {
		this.storage = storage;
		this.observer = observer;
	}

	@Override
	public List<StoredFile> list(int level) {
		return observe("list", () -> this.storage.list(level), (files) -> 0, (files) -> 0);
	}

	@Override
	public Instant timestamp(StoredFile file) {
		return observe("timestamp", () -> this.storage.timestamp(file), (time) -> 0, (time) -> 0);
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		return observeRead(() -> this.storage.read(key, offset, length));
	}

	private InputStream observeRead(Supplier<InputStream> call) {
		try {
			return new ObservedStream(call.get());
		}
		catch (RuntimeException | Error ex) {
			tell("read", false, 0, 0);
			throw ex;
		}
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		return observe("checksum", () -> this.storage.databaseChecksum(file), (found) -> 0, (found) -> 0);
	}

	@Override
	public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
		return observe("put-if-absent", () -> this.storage.putIfAbsent(key, content, attributes),
				(stored) -> content.length(), (stored) -> 0);
	}

	@Override
	public long put(LtxKey key, Instant timestamp, BodyWriter body) {
		return observe("put", () -> this.storage.put(key, timestamp, body), (stored) -> stored, (stored) -> 0);
	}

	@Override
	public void putDatabaseChecksum(LtxKey key, long checksum) {
		observe("put-meta", () -> {
			this.storage.putDatabaseChecksum(key, checksum);
			return key;
		}, (stored) -> ChecksumText.LENGTH, (stored) -> 0);
	}

	@Override
	public void delete(Collection<LtxKey> keys) {
		observe("delete", () -> {
			this.storage.delete(keys);
			return keys;
		}, (deleted) -> 0, (deleted) -> 0);
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return observe("read-meta", () -> this.storage.readMeta(name), (content) -> 0,
				(content) -> content.map((bytes) -> bytes.length).orElse(0));
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return observe("put-meta", () -> this.storage.putMetaIfAbsent(name, content), (stored) -> content.length,
				(stored) -> 0);
	}

	@Override
	public List<String> listMeta(String folder) {
		return observe("list-meta", () -> this.storage.listMeta(folder), (names) -> 0, (names) -> 0);
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return observe("list-legacy", this.storage::listLegacy, (files) -> 0, (files) -> 0);
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return observeRead(() -> this.storage.readLegacy(file, offset));
	}

	@Override
	public String url() {
		return this.storage.url();
	}

	@Override
	public String toString() {
		return this.storage.toString();
	}

	private <T> T observe(String operation, Supplier<T> call, ToLongFunction<T> sent, ToLongFunction<T> received) {
		T result;
		try {
			result = call.get();
		}
		catch (RuntimeException | Error ex) {
			tell(operation, false, 0, 0);
			throw ex;
		}
		tell(operation, true, sent.applyAsLong(result), received.applyAsLong(result));
		return result;
	}

	/** What the observer throws must not make a call a failure that was none. */
	private void tell(String operation, boolean success, long sent, long received) {
		try {
			this.observer.request(operation, success, sent, received);
		}
		catch (RuntimeException | Error ex) {
			// It will throw again and again
			if (this.observerFailed.compareAndSet(false, true)) {
				logger.warn("An observer of {} fails: requests are not counted right from now on", url(), ex);
			}
		}
	}

	/**
	 * Counts what is read, and tells of it once, when it is closed.
	 */
	private final class ObservedStream extends FilterInputStream {

		private long received;

		private boolean failed;

		private boolean closed;

		ObservedStream(InputStream in) {
			super(in);
		}

		@Override
		public int read() throws IOException {
			byte[] one = new byte[1];
			return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
		}

		@Override
		public int read(byte[] buffer, int offset, int count) throws IOException {
			boolean done = false;
			try {
				int read = super.read(buffer, offset, count);
				this.received += Math.max(read, 0);
				done = true;
				return read;
			}
			finally {
				this.failed |= !done;
			}
		}

		@Override
		public long skip(long count) throws IOException {
			long skipped = super.skip(count);
			this.received += skipped;
			return skipped;
		}

		@Override
		public boolean markSupported() {
			return false;
		}

		@Override
		public void close() throws IOException {
			try {
				super.close();
			}
			finally {
				if (!this.closed) {
					this.closed = true;
					tell("read", !this.failed, 0, this.received);
				}
			}
		}

	}

}
