package io.github.litestream4j.history;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Reads another storage no faster than at a rate, all streams together, and counts what
 * was read; everything else is passed on unchanged. Safe for use by several threads.
 */
final class PacedStorage implements ReplicaStorage {

	/** No single read takes more than this part of a second. */
	private static final int SHARES = 10;

	private static final double NANOS = 1e9;

	private final ReplicaStorage storage;

	private final long bytesPerSecond;

	private final LongAdder read = new LongAdder();

	/** When all that was read may have been read, as {@link System#nanoTime}. */
	private long end = System.nanoTime();

	/**
	 * Pace a storage.
	 * @param storage the storage
	 * @param bytesPerSecond how much is read at most, at least 1; {@link Long#MAX_VALUE}
	 * for as fast as it goes
	 */
	PacedStorage(ReplicaStorage storage, long bytesPerSecond) {
		if (bytesPerSecond < 1) {
			throw new IllegalArgumentException("a rate is at least 1 byte a second, not " + bytesPerSecond);
		}
		this.storage = storage;
		this.bytesPerSecond = bytesPerSecond;
	}

	/**
	 * How much was read.
	 * @return the number of bytes so far
	 */
	long bytesRead() {
		return this.read.sum();
	}

	@Override
	public InputStream read(LtxKey key, long offset, long length) {
		return new PacedStream(this.storage.read(key, offset, length));
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return new PacedStream(this.storage.readLegacy(file, offset));
	}

	/** How long to wait after these bytes. */
	private synchronized long pause(int bytes) {
		long now = System.nanoTime();
		long from = (this.end - now > 0) ? this.end : now;
		this.end = from + (long) (bytes * NANOS / this.bytesPerSecond);
		return this.end - now;
	}

	@Override
	public List<StoredFile> list(int level) {
		return this.storage.list(level);
	}

	@Override
	public Instant timestamp(StoredFile file) {
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
	public void delete(Collection<LtxKey> keys) {
		this.storage.delete(keys);
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
	public List<LegacyFile> listLegacy() {
		return this.storage.listLegacy();
	}

	@Override
	public String url() {
		return this.storage.url();
	}

	/**
	 * Waits after each read.
	 */
	private final class PacedStream extends FilterInputStream {

		PacedStream(InputStream in) {
			super(in);
		}

		@Override
		public int read() throws IOException {
			byte[] one = new byte[1];
			return (read(one, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(one[0]);
		}

		@Override
		public int read(byte[] buffer, int offset, int count) throws IOException {
			long most = Math.max(PacedStorage.this.bytesPerSecond / SHARES, 1);
			int length = super.read(buffer, offset, (int) Math.min(count, most));
			if (length > 0) {
				PacedStorage.this.read.add(length);
				rest(pause(length));
			}
			return length;
		}

		private void rest(long nanos) throws InterruptedIOException {
			try {
				TimeUnit.NANOSECONDS.sleep(nanos);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("interrupted while " + url() + " was read at a rate");
			}
		}

	}

}
