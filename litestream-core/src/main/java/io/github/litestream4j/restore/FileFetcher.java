package io.github.litestream4j.restore;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Reads whole files one after the other, several ranges ahead and across the ends of
 * files, so that neither one stream's speed nor a request's delay bounds it. Its memory
 * is a range for each one ahead. For use by one thread.
 */
final class FileFetcher implements AutoCloseable {

	private static final int SHORTEST_RANGE = 64 * 1024;

	private final ReplicaStorage storage;

	private final FetchSettings settings;

	private final int ahead;

	private final int rangeSize;

	private final Iterator<StoredFile> toOpen;

	private final Iterator<StoredFile> toStart;

	private @Nullable StoredFile starting;

	private long startedTo;

	private final Deque<RangeFetch> started = new ArrayDeque<>();

	private final LongAdder received = new LongAdder();

	private final ExecutorService executor;

	/**
	 * Create a fetcher; nothing is read before the first file is opened.
	 * @param storage where from
	 * @param files the files in the order in which they are going to be opened
	 * @param settings how
	 * @param ahead how many ranges are read at once
	 */
	FileFetcher(ReplicaStorage storage, List<StoredFile> files, FetchSettings settings, int ahead) {
		this.storage = storage;
		this.settings = settings;
		this.ahead = ahead;
		this.rangeSize = rangeSize(settings.rangeSize(), ahead, Runtime.getRuntime().maxMemory());
		this.toOpen = files.iterator();
		this.toStart = files.iterator();
		AtomicInteger number = new AtomicInteger();
		this.executor = Executors.newCachedThreadPool((task) -> {
			Thread thread = new Thread(task, "litestream-restore-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * How long a range may be, so that all that are read at once take an eighth of the
	 * heap at most.
	 * @param wanted in bytes
	 * @param ahead how many are read at once
	 * @param heap how large the heap may become, in bytes
	 */
	static int rangeSize(int wanted, int ahead, long heap) {
		return (int) Math.min(wanted, Math.max(SHORTEST_RANGE, heap / 8 / ahead));
	}

	/**
	 * Open the next file; the one before must have been read to its end.
	 * @return its bytes; the stream reports failures as unchecked exceptions
	 */
	InputStream next() {
		return new FetchedFile(this, this.toOpen.next().size());
	}

	byte[] nextRange() {
		try {
			fill();
			this.started.forEach(RangeFetch::failIfFailed);
			byte[] bytes = this.started.element().await(this.executor);
			this.started.remove();
			fill();
			return bytes;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException("The restore from " + this.storage.url() + " was interrupted", ex);
		}
	}

	private void fill() {
		while (this.started.size() < this.ahead) {
			StoredFile file = this.starting;
			if (file != null && this.startedTo < file.size()) {
				int length = (int) Math.min(this.rangeSize, file.size() - this.startedTo);
				start(new RangeFetch(this.storage, file.key(), this.startedTo, length, this.settings, this.received));
				this.startedTo += length;
			}
			else if (this.toStart.hasNext()) {
				this.starting = this.toStart.next();
				this.startedTo = 0;
			}
			else {
				return;
			}
		}
	}

	private void start(RangeFetch range) {
		this.started.add(range);
		range.start(this.executor);
	}

	/**
	 * How many bytes the storage delivered, those that were given up included.
	 * @return the number so far
	 */
	long received() {
		return this.received.sum();
	}

	/**
	 * Give up what is under way. A thread that a storage does not let go is left behind;
	 * it keeps no process alive.
	 */
	@Override
	public void close() {
		this.started.forEach((range) -> range.cancel(this.executor));
		this.executor.shutdown();
		try {
			if (!this.executor.awaitTermination(1, TimeUnit.SECONDS)) {
				this.executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			this.executor.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

}
