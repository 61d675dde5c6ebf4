package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ContentComparison;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores staged files one after the other, in the order of their TXIDs, and tries each
 * until it is stored. One thread runs it, others add to it.
 */
final class Uploader implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(Uploader.class);

	private final String database;

	private final ReplicaStorage storage;

	private final Staging staging;

	private final Progress progress;

	private final GenerationLog generations;

	private final LogEnd end;

	private final Runnable whenIdle;

	private final Deque<StagedFile> queue = new ArrayDeque<>();

	private final Backoff backoff;

	private boolean stopped;

	/**
	 * The thread that counts. One that hung in the storage when it was stopped may come
	 * back after its successor began.
	 */
	private @Nullable Thread runner;

	private long lastStart = System.nanoTime() - Duration.ofDays(1).toNanos();

	/**
	 * Create an uploader; no thread is started.
	 * @param end stores where the log goes on
	 * @param whenIdle called when nothing waits here any more
	 * @param backoff how long to wait after a failure
	 */
	Uploader(String database, ReplicaStorage storage, Staging staging, Progress progress, GenerationLog generations,
			LogEnd end, Runnable whenIdle, Backoff backoff) {
		this.end = end;
		this.backoff = backoff;
		this.generations = generations;
		this.database = database;
		this.storage = storage;
		this.staging = staging;
		this.progress = progress;
		this.whenIdle = whenIdle;
	}

	synchronized void add(StagedFile file) {
		this.queue.addLast(file);
		notifyAll();
	}

	/**
	 * Add a file that others were added after already.
	 */
	synchronized void insert(StagedFile file) {
		Deque<StagedFile> later = new ArrayDeque<>();
		while (!this.queue.isEmpty() && this.queue.getLast().txid().isAfter(file.txid())) {
			later.addFirst(this.queue.removeLast());
		}
		this.queue.addLast(file);
		this.queue.addAll(later);
		notifyAll();
	}

	/**
	 * Whether a file waits here that comes before a TXID.
	 */
	synchronized boolean hasBefore(Txid txid) {
		StagedFile head = this.queue.peekFirst();
		return head != null && head.txid().isBefore(txid);
	}

	synchronized boolean isIdle() {
		return this.queue.isEmpty();
	}

	/**
	 * When the last upload began.
	 * @return as {@link System#nanoTime}
	 */
	synchronized long lastStart() {
		return this.lastStart;
	}

	/**
	 * When the oldest commit was made that waits here.
	 * @return as {@link System#nanoTime}, or {@code null} when none waits
	 */
	synchronized @Nullable Long oldest() {
		StagedFile head = this.queue.peekFirst();
		return (head != null) ? head.since() : null;
	}

	/**
	 * How much waits here.
	 * @return in bytes
	 */
	synchronized long bytes() {
		return this.queue.stream().mapToLong((file) -> file.content().length()).sum();
	}

	/** Allow {@link #run} to be called again. */
	synchronized void reopen() {
		this.stopped = false;
		this.backoff.reset();
	}

	/** End {@link #run} after the file that is being stored. */
	synchronized void stop() {
		this.stopped = true;
		notifyAll();
	}

	/**
	 * Let a thread that did not end touch nothing any more: what it stores late stays
	 * staged, and is found stored by the next start.
	 */
	synchronized void disown() {
		this.runner = null;
		notifyAll();
	}

	@Override
	public void run() {
		synchronized (this) {
			this.runner = Thread.currentThread();
			notifyAll();
		}
		boolean ended = false;
		while (!ended) {
			try {
				storeUntilStopped();
				ended = true;
			}
			catch (InterruptedException ex) {
				// Only stop() ends this thread. A storage's client that interrupts it, to
				// end a call that takes too long, must not: nothing would be stored any
				// more, and nobody would be told
				logger.debug("{}: the storing thread was interrupted, and goes on", this.database, ex);
			}
		}
	}

	private void storeUntilStopped() throws InterruptedException {
		for (StagedFile file = head(); file != null; file = head()) {
			if (tryToStore(file)) {
				stored(file);
			}
		}
	}

	private synchronized @Nullable StagedFile head() throws InterruptedException {
		while (isRunning() && (this.queue.isEmpty() || this.progress.isFenced() || isHeadHeldBack())) {
			wait();
		}
		if (!isRunning()) {
			return null;
		}
		this.lastStart = System.nanoTime();
		return this.queue.peekFirst();
	}

	private boolean isHeadHeldBack() {
		return this.progress.isHeldBack(this.queue.getFirst().txid());
	}

	/** Look again whether the next file may be stored. */
	synchronized void wake() {
		notifyAll();
	}

	private boolean isRunning() {
		return !this.stopped && this.runner == Thread.currentThread();
	}

	private void stored(StagedFile file) {
		boolean idle;
		synchronized (this) {
			if (this.runner != Thread.currentThread()) {
				// Whoever comes next has the same file in hand, and finds it stored
				return;
			}
			this.queue.removeFirst();
			idle = this.queue.isEmpty();
		}
		this.progress.uploaded(file.txid());
		this.progress.index().add(file.key(), file.content().length());
		try {
			this.staging.stored(file);
		}
		catch (IOException ex) {
			this.progress.passed(ErrorStage.STAGING,
					"Cannot move " + file.path() + ", which is stored, out of staging: " + ex);
			logger.warn("{}: stored {}, but cannot move it out of staging: {}", this.database, file.txid(),
					ex.toString());
		}
		if (idle) {
			this.whenIdle.run();
		}
	}

	private boolean tryToStore(StagedFile file) throws InterruptedException {
		try {
			this.generations.announce(file.txid());
			long began = System.nanoTime();
			this.end.store(file);
			this.progress.observer().done(Activity.SYNC, Duration.ofNanos(System.nanoTime() - began));
			if (this.backoff.failures() > 0) {
				logger.warn("{}: {} takes files again, after {} failures", this.database, this.storage.url(),
						this.backoff.failures());
			}
			this.backoff.reset();
			return true;
		}
		catch (ConflictException ex) {
			logger.error("{}: nothing is stored any more: {}", this.database, ex.getMessage());
			this.progress.fenced(String.valueOf(ex.getMessage()));
			return false;
		}
		catch (RuntimeException | Error ex) {
			failed(file, ex);
			return false;
		}
	}

	private void failed(StagedFile file, Throwable ex) throws InterruptedException {
		this.progress.failed(ErrorStage.UPLOAD, String.valueOf((ex.getMessage() != null) ? ex.getMessage() : ex));
		// The first, and then one in ten: about every other minute
		if (this.backoff.failures() % 10 == 0) {
			logger.warn("{}: cannot store {}, and will go on trying: {}", this.database, file.txid(), ex.toString());
		}
		long until = System.nanoTime() + this.backoff.next().toNanos();
		synchronized (this) {
			long left = until - System.nanoTime();
			while (left > 0 && isRunning()) {
				wait(left / 1_000_000 + 1);
				left = until - System.nanoTime();
			}
		}
	}

	/**
	 * Store one file. That it stands there already, with the same bytes, is fine: an
	 * answer was lost.
	 * @return whether it was stored just now
	 * @throws ConflictException when other bytes stand there
	 */
	static boolean store(ReplicaStorage storage, StagedFile file) {
		LtxKey key = file.key();
		boolean created = storage.putIfAbsent(key, file.content(),
				new FileAttributes(file.timestamp(), file.checksum()));
		if (!created && !isSame(storage, new ContentComparison(storage).taken(key), file.content())) {
			throw new ConflictException(
					"%s in %s was stored by another writer, with other bytes than ours. Two applications write to this replica: stop one of them, or give it a replica of its own."
						.formatted(key, storage.url()));
		}
		return created;
	}

	/**
	 * Whether a stored file has just these bytes.
	 */
	static boolean isSame(ReplicaStorage storage, StoredFile stored, Content content) {
		try {
			return new ContentComparison(storage).isSame(stored, content);
		}
		catch (IOException ex) {
			throw new LitestreamException("Cannot compare %s in %s with what is staged: %s".formatted(stored.key(),
					storage.url(), ex.getMessage()), ex);
		}
	}

}
