package io.github.litestream4j.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a stored file. When a request fails, another one goes on where it ended: a
 * connection may not hold for as long as a large file takes. Not safe for use by several
 * threads.
 * <p>
 * What fails too often is a {@link StorageUnavailableException}; a thread that is
 * interrupted while it waits stays so, and gets a {@link LitestreamException}.
 */
public abstract class ResumedInput extends InputStream {

	/** So many bytes between two failures, and those before are forgotten. */
	private static final int PROGRESS = 16 * 1024;

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

	private final String name;

	private final long size;

	private final int attempts;

	private final Duration firstPause;

	private @Nullable InputStream in;

	private long position;

	private long positionBefore;

	private int failures;

	/**
	 * Create a stream, which asks for nothing before it is read.
	 * @param name what messages call the file, with its replica
	 * @param size its size in bytes
	 * @param attempts the failure in a row that is the last one
	 * @param firstPause how long to wait after the first failure; each further one in a
	 * row doubles that, up to five seconds
	 */
	protected ResumedInput(String name, long size, int attempts, Duration firstPause) {
		this.name = name;
		this.size = size;
		this.attempts = attempts;
		this.firstPause = firstPause;
	}

	/**
	 * Ask for the rest of the file.
	 * @param position the first byte, less than the file's size
	 * @return all bytes from there on; closed by this stream
	 */
	protected abstract InputStream open(long position);

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(one[0]);
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		while (this.position < this.size) {
			try {
				int read = current().read(buffer, offset, count);
				if (read < 0) {
					throw new EOFException("it ended after " + this.position + " of " + this.size + " bytes");
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

	private InputStream current() {
		InputStream current = this.in;
		if (current == null) {
			current = open(this.position);
			this.in = current;
		}
		return current;
	}

	private void goOnAfter(Exception failure) {
		if (this.position - this.positionBefore >= PROGRESS) {
			this.failures = 0;
		}
		this.positionBefore = this.position;
		this.failures++;
		StorageUnavailableException problem = new StorageUnavailableException(
				"Reading %s failed %d times in a row, at last with: %s; try again when the storage is well"
					.formatted(this.name, this.failures, failure.getMessage()),
				failure);
		try {
			close();
		}
		catch (IOException ex) {
			problem.addSuppressed(ex);
		}
		if (Thread.currentThread().isInterrupted()) {
			throw interrupted(problem);
		}
		if (this.failures >= this.attempts) {
			throw problem;
		}
		try {
			long pause = this.firstPause.toNanos() << (this.failures - 1);
			TimeUnit.NANOSECONDS.sleep(Math.min(pause, LONGEST_PAUSE.toNanos()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw interrupted(problem);
		}
	}

	private LitestreamException interrupted(StorageUnavailableException cause) {
		return new LitestreamException("The reading of " + this.name + " was interrupted", cause);
	}

	@Override
	public void close() throws IOException {
		InputStream current = this.in;
		this.in = null;
		if (current != null) {
			current.close();
		}
	}

}
