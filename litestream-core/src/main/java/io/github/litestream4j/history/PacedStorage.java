package io.github.litestream4j.history;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Reads another storage no faster than at a rate, all streams together, and counts what
 * was read; everything else is passed on unchanged. Safe for use by several threads.
 */
final class PacedStorage extends ForwardingStorage {

	/** No single read takes more than this part of a second. */
	private static final int SHARES = 10;

	private static final double NANOS = 1e9;

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
		super(storage);
		if (bytesPerSecond < 1) {
			throw new IllegalArgumentException("a rate is at least 1 byte a second, not " + bytesPerSecond);
		}
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
		return new PacedStream(super.read(key, offset, length));
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		return new PacedStream(super.readLegacy(file, offset));
	}

	/** How long to wait after these bytes. */
	private synchronized long pause(int bytes) {
		long now = System.nanoTime();
		long from = (this.end - now > 0) ? this.end : now;
		this.end = from + (long) (bytes * NANOS / this.bytesPerSecond);
		return this.end - now;
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
