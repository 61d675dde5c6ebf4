package io.github.litestream4j.restore.legacy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * The stored bytes of a file. When a request fails, another one goes on where it ended.
 * Not safe for use by several threads.
 */
final class ResumedStream extends InputStream {

	/** How many failures in a row are survived. */
	private static final int ATTEMPTS = 10;

	/** So many bytes between two failures, and those before are forgotten. */
	private static final int PROGRESS = 16 * 1024;

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

	private final ReplicaStorage storage;

	private final LegacyFile file;

	private final LongAdder received;

	private final Duration firstPause;

	private @Nullable InputStream in;

	private long position;

	private long positionBefore;

	private int failures;

	ResumedStream(ReplicaStorage storage, LegacyFile file, LongAdder received, Duration firstPause) {
		this.storage = storage;
		this.file = file;
		this.received = received;
		this.firstPause = firstPause;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		while (this.position < this.file.size()) {
			try {
				int read = open().read(buffer, offset, count);
				if (read < 0) {
					throw new EOFException("it ended after " + this.position + " of " + this.file.size() + " bytes");
				}
				this.position += read;
				this.received.add(read);
				return read;
			}
			catch (IOException | StorageUnavailableException ex) {
				goOnAfter(ex);
			}
		}
		return -1;
	}

	private InputStream open() {
		InputStream open = this.in;
		if (open == null) {
			open = this.storage.readLegacy(this.file, this.position);
			this.in = open;
		}
		return open;
	}

	private void goOnAfter(Exception failure) {
		if (this.position - this.positionBefore >= PROGRESS) {
			this.failures = 0;
		}
		this.positionBefore = this.position;
		this.failures++;
		StorageUnavailableException problem = new StorageUnavailableException(
				"Reading %s of %s failed %d times in a row, at last with: %s; restore again when the storage is well"
					.formatted(this.file, this.storage.url(), this.failures, failure.getMessage()),
				failure);
		try {
			close();
		}
		catch (IOException ex) {
			problem.addSuppressed(ex);
		}
		if (this.failures >= ATTEMPTS) {
			throw problem;
		}
		try {
			long pause = this.firstPause.toNanos() << (this.failures - 1);
			TimeUnit.NANOSECONDS.sleep(Math.min(pause, LONGEST_PAUSE.toNanos()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw problem;
		}
	}

	@Override
	public void close() throws IOException {
		InputStream open = this.in;
		this.in = null;
		if (open != null) {
			open.close();
		}
	}

}
