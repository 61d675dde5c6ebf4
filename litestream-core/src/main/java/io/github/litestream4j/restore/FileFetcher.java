package io.github.litestream4j.restore;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * Reads files, or parts of them, one after the other, several ranges ahead and across
 * their ends, so that neither one stream's speed nor a request's delay bounds it. Its
 * memory is a range for each one ahead. For use by one thread.
 */
final class FileFetcher implements AutoCloseable {

	private static final int SHORTEST_RANGE = 64 * 1024;

	private final ReplicaStorage storage;

	private final FetchSettings settings;

	private final int ahead;

	private final int rangeSize;

	private final Iterator<Extent> toStart;

	/** What was started and not opened yet. */
	private final Deque<Extent> toOpen = new ArrayDeque<>();

	private @Nullable Extent starting;

	private long startedTo;

	private final Deque<RangeFetch> started = new ArrayDeque<>();

	private final LongAdder received;

	private final ExecutorService executor;

	/**
	 * Create a fetcher; nothing is read before the first part is opened.
	 * @param storage where from
	 * @param extents the parts in the order in which they are going to be opened; asked
	 * for not before they are started
	 * @param settings how
	 * @param ahead how many ranges are read at once
	 * @param received takes how many bytes the storage delivers, those that are given up
	 * included
	 */
	FileFetcher(ReplicaStorage storage, Iterator<Extent> extents, FetchSettings settings, int ahead,
			LongAdder received) {
		this.storage = storage;
		this.settings = settings;
		this.ahead = ahead;
		this.rangeSize = rangeSize(settings.rangeSize(), ahead, Runtime.getRuntime().maxMemory());
		this.toStart = extents;
		this.received = received;
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
	 * Open the next part; the one before must have been read to its end.
	 * @return its bytes, {@code null} when there are no more; the stream reports failures
	 * as unchecked exceptions
	 */
	@Nullable FetchedExtent next() {
		if (this.toOpen.isEmpty()) {
			fill();
		}
		Extent extent = this.toOpen.poll();
		return (extent != null) ? new FetchedExtent(this, extent) : null;
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
			Extent extent = this.starting;
			if (extent != null && this.startedTo < extent.length()) {
				int length = (int) Math.min(this.rangeSize, extent.length() - this.startedTo);
				start(new RangeFetch(this.storage, extent.file().key(), extent.offset() + this.startedTo, length,
						this.settings, this.received));
				this.startedTo += length;
			}
			else if (this.toStart.hasNext()) {
				this.starting = this.toStart.next();
				this.toOpen.add(this.starting);
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
