package io.github.litestream4j.restore.legacy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.ResumedInput;

import org.jspecify.annotations.Nullable;

/**
 * Gives the content of files in order. A WAL has a part for each second in which
 * something was committed: small ones are fetched ahead, several at a time, and long ones
 * are streamed when it is their turn. Not safe for use by several threads.
 */
final class FileQueue implements AutoCloseable {

	/** A file up to this size is fetched as a whole. */
	static final int SMALL = 1 << 20;

	/** The failure in a row that is the last one. */
	private static final int ATTEMPTS = 10;

	private final ReplicaStorage storage;

	private final Iterator<LegacyFile> files;

	private final int parallelism;

	private final ExecutorService threads;

	private final Deque<Fetch> ahead = new ArrayDeque<>();

	private final LongAdder received = new LongAdder();

	private final Duration firstPause;

	FileQueue(ReplicaStorage storage, Iterator<LegacyFile> files, int parallelism, Duration firstPause) {
		this.storage = storage;
		this.files = files;
		this.parallelism = parallelism;
		this.firstPause = firstPause;
		this.threads = Executors.newFixedThreadPool(parallelism, (task) -> {
			Thread thread = new Thread(task, "litestream-restore");
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * Open the next file.
	 * @return its content, decompressed, to be closed before the next one is opened
	 */
	InputStream next() throws IOException {
		while (this.ahead.size() < this.parallelism && this.files.hasNext()) {
			LegacyFile file = this.files.next();
			this.ahead.add(new Fetch(file, (file.size() <= SMALL) ? this.threads.submit(() -> fetch(file)) : null));
		}
		Fetch next = this.ahead.remove();
		InputStream stored = (next.bytes() != null) ? new ByteArrayInputStream(await(next.file(), next.bytes()))
				: stored(next.file());
		return DecodedStream.of(stored, next.file(), this.storage.url());
	}

	private byte[] fetch(LegacyFile file) throws IOException {
		try (InputStream in = stored(file)) {
			return in.readAllBytes();
		}
	}

	private InputStream stored(LegacyFile file) {
		return new ResumedInput(file + " of " + this.storage.url(), file.size(), ATTEMPTS, this.firstPause) {

			@Override
			protected InputStream open(long position) {
				return FileQueue.this.storage.readLegacy(file, position);
			}

			@Override
			public int read(byte[] buffer, int offset, int count) throws IOException {
				int read = super.read(buffer, offset, count);
				FileQueue.this.received.add(Math.max(read, 0));
				return read;
			}

		};
	}

	private byte[] await(LegacyFile file, Future<byte[]> bytes) {
		try {
			return bytes.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException("Interrupted while " + file + " was read from " + this.storage.url(), ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			if (ex.getCause() instanceof Error cause) {
				throw cause;
			}
			throw new StorageUnavailableException("Could not read " + file + " of " + this.storage.url(),
					ex.getCause());
		}
	}

	/**
	 * How many bytes came from the storage.
	 */
	long received() {
		return this.received.sum();
	}

	@Override
	public void close() {
		this.threads.shutdownNow();
	}

	private record Fetch(LegacyFile file, @Nullable Future<byte[]> bytes) {

	}

}
