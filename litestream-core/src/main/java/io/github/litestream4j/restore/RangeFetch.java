package io.github.litestream4j.restore;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * Brings one range of a stored file into memory. A request that fails is followed by one
 * for the rest; one that falls silent, or as good as silent, is given up, its thread left
 * to itself, and its late bytes are not taken any more. Safe for use by several threads.
 */
final class RangeFetch {

	private static final int CHUNK = 64 * 1024;

	private final ReplicaStorage storage;

	private final LtxKey key;

	private final long offset;

	private final FetchSettings settings;

	private final LongAdder received;

	private final byte[] bytes;

	private int filled;

	/** How much was there when failures were last forgotten. */
	private int filledBefore;

	private int failures;

	private long lastSign = System.nanoTime();

	/** How much was there at the last sign of life. */
	private int filledAtSign;

	/** The one that may add bytes; none when all is there, or nothing more is wanted. */
	private @Nullable Attempt current;

	private @Nullable StorageUnavailableException lastFailure;

	private @Nullable Throwable fatal;

	RangeFetch(ReplicaStorage storage, LtxKey key, long offset, int length, FetchSettings settings,
			LongAdder received) {
		this.storage = storage;
		this.key = key;
		this.offset = offset;
		this.settings = settings;
		this.received = received;
		this.bytes = new byte[length];
	}

	/**
	 * Begin, in a thread of the executor.
	 * @param executor starts every task at once
	 */
	synchronized void start(Executor executor) {
		Attempt attempt = new Attempt(this.filled);
		this.current = attempt;
		sign(System.nanoTime());
		executor.execute(() -> run(attempt));
	}

	/**
	 * Wait for the whole range.
	 * @param executor where an attempt begins that replaces a silent one
	 * @return its bytes
	 * @throws StorageUnavailableException when the storage failed too often in a row
	 */
	synchronized byte[] await(Executor executor) throws InterruptedException {
		while (this.filled < this.bytes.length) {
			failIfFailed();
			long rest = this.settings.silence().toNanos() - (System.nanoTime() - this.lastSign);
			if (rest > 0) {
				TimeUnit.NANOSECONDS.timedWait(this, rest);
			}
			else {
				giveUp(executor);
				IOException silent = new IOException("only " + (this.filled - this.filledAtSign) + " bytes came in "
						+ this.settings.silence().toMillis() + " ms");
				if (survives(silent)) {
					start(executor);
				}
			}
		}
		return this.bytes;
	}

	/**
	 * Report a failure that no further attempt follows.
	 */
	synchronized void failIfFailed() {
		if (this.fatal instanceof Error error) {
			throw error;
		}
		if (this.fatal instanceof RuntimeException exception) {
			throw exception;
		}
	}

	/**
	 * Want no more bytes.
	 * @param executor closes the stream, which may take its time
	 */
	synchronized void cancel(Executor executor) {
		giveUp(executor);
		notifyAll();
	}

	private void giveUp(Executor executor) {
		Attempt attempt = this.current;
		this.current = null;
		if (attempt != null) {
			executor.execute(attempt::close);
		}
	}

	private void run(Attempt first) {
		Attempt attempt = first;
		while (attempt != null) {
			try {
				read(attempt);
				return;
			}
			catch (IOException | StorageUnavailableException ex) {
				attempt = next(attempt, ex);
			}
			catch (RuntimeException | Error ex) {
				fail(attempt, ex);
				return;
			}
		}
	}

	private void read(Attempt attempt) throws IOException {
		int start = attempt.start();
		try (InputStream in = this.storage.read(this.key, this.offset + start, this.bytes.length - start)) {
			attempt.opened(in);
			byte[] chunk = new byte[Math.min(CHUNK, this.bytes.length - start)];
			int length;
			do {
				length = in.read(chunk);
			}
			while (length >= 0 && accept(attempt, chunk, length));
			if (length < 0) {
				throw new EOFException("the stream ended early");
			}
		}
	}

	/**
	 * Take bytes.
	 * @return whether more are wanted of this attempt
	 */
	private synchronized boolean accept(Attempt attempt, byte[] chunk, int length) throws IOException {
		this.received.add(length);
		if (this.current != attempt) {
			return false;
		}
		if (length > this.bytes.length - this.filled) {
			throw new IOException("the stream gave more than the " + this.bytes.length + " bytes that were asked for");
		}
		System.arraycopy(chunk, 0, this.bytes, this.filled, length);
		this.filled += length;
		if (this.filled - this.filledAtSign >= this.settings.progress()) {
			sign(System.nanoTime());
		}
		if (this.filled < this.bytes.length) {
			return true;
		}
		this.current = null;
		notifyAll();
		return false;
	}

	/**
	 * Go on after a failure.
	 * @return the next attempt, {@code null} when there is to be none: nothing is missing
	 * any more (only closing failed), the attempt has been given up, or it was the last
	 */
	private synchronized @Nullable Attempt next(Attempt attempt, Exception failure) {
		if (this.current != attempt || !survives(failure)) {
			return null;
		}
		long pause = this.settings.pause(this.failures).toNanos();
		long end = System.nanoTime() + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
		sign(end);
		try {
			for (long rest = end - System.nanoTime(); rest > 0
					&& this.current == attempt; rest = end - System.nanoTime()) {
				TimeUnit.NANOSECONDS.timedWait(this, rest);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			fail(attempt, new StorageUnavailableException(describe("was interrupted"), ex));
			return null;
		}
		if (this.current != attempt) {
			return null;
		}
		Attempt next = new Attempt(this.filled);
		this.current = next;
		sign(System.nanoTime());
		return next;
	}

	private void sign(long time) {
		this.lastSign = time;
		this.filledAtSign = this.filled;
	}

	private boolean survives(Exception failure) {
		if (this.filled - this.filledBefore >= this.settings.progress()) {
			this.filledBefore = this.filled;
			this.failures = 0;
			this.lastFailure = null;
		}
		this.failures++;
		StorageUnavailableException problem = new StorageUnavailableException(
				describe("failed " + this.failures + " times in a row, at last with: " + failure.getMessage()
						+ "; restore again when the storage is well"),
				failure);
		if (this.lastFailure != null) {
			problem
				.addSuppressed((this.lastFailure.getCause() != null) ? this.lastFailure.getCause() : this.lastFailure);
		}
		this.lastFailure = problem;
		if (this.failures < this.settings.attempts()) {
			return true;
		}
		this.current = null;
		this.fatal = problem;
		notifyAll();
		return false;
	}

	private synchronized void fail(Attempt attempt, Throwable failure) {
		if (this.current == attempt) {
			this.current = null;
			this.fatal = failure;
			notifyAll();
		}
	}

	private String describe(String what) {
		return "Reading bytes " + this.offset + " to " + (this.offset + this.bytes.length - 1) + " of " + this.key
				+ " from " + this.storage.url() + " " + what;
	}

}
