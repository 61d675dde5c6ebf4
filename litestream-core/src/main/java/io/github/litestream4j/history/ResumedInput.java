package io.github.litestream4j.history;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a stored file. When a request fails, another one goes on where it ended:
 * no connection holds as long as the reading of a large file at a gentle rate takes. Not
 * safe for use by several threads.
 */
final class ResumedInput extends InputStream {

	/** How many failures in a row are survived, and one less. */
	private static final int ATTEMPTS = 5;

	/** So many bytes between two failures, and those before are forgotten. */
	private static final int PROGRESS = 16 * 1024;

	private static final long FIRST_PAUSE_MILLIS = 200;

	private final ReplicaStorage storage;

	private final StoredFile file;

	private @Nullable InputStream in;

	private long position;

	private long positionBefore;

	private int failures;

	ResumedInput(ReplicaStorage storage, StoredFile file) {
		this.storage = storage;
		this.file = file;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(one[0]);
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
			open = this.storage.read(this.file.key(), this.position, this.file.size() - this.position);
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
				"Reading %s of %s failed %d times in a row, at last with: %s".formatted(this.file.key(),
						this.storage.url(), this.failures, failure.getMessage()),
				failure);
		try {
			close();
		}
		catch (IOException ex) {
			problem.addSuppressed(ex);
		}
		if (Thread.currentThread().isInterrupted()) {
			throw interrupted(failure);
		}
		if (this.failures == ATTEMPTS) {
			throw problem;
		}
		try {
			TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << this.failures);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw interrupted(ex);
		}
	}

	private LitestreamException interrupted(Exception cause) {
		return new LitestreamException(
				"The reading of %s of %s was interrupted".formatted(this.file.key(), this.storage.url()), cause);
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
