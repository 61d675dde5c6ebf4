package io.github.litestream4j.replication;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationObserver.Activity;
import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one database: captures each commit when its upload may begin, checkpoints
 * when it is time, and begins the history anew when it must. It sleeps until a commit of
 * this process is announced, and looks once a second for those of other processes.
 */
final class CaptureLoop implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(CaptureLoop.class);

	private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

	/** A step may wait for a lock, and take its time for a long transaction. */
	private static final long PATIENCE_NANOS = Duration.ofSeconds(15).toNanos();

	private final String name;

	private final LiveDatabase database;

	private final Capture capture;

	private final Checkpointer checkpointer;

	private final Uploader uploader;

	private final PinnedWork pinnedWork;

	private final Progress progress;

	private final ReplicatorSettings settings;

	private final Queue<CompletableFuture<Txid>> requests = new ConcurrentLinkedQueue<>();

	private final Announcements announcements = new Announcements();

	private final Backoff backoff;

	private final SideWork pinning;

	private final SideWork checkpointing;

	private final Lock turn = new ReentrantLock();

	private volatile @Nullable Thread thread;

	private volatile boolean asleep;

	private volatile boolean woken;

	private volatile boolean stopped;

	private volatile long walBytes;

	/** When it was last seen that everything is captured or can be. */
	private volatile long lastSound = System.nanoTime();

	/** Since when it is seen that something is not captured, announced or not, or 0. */
	private volatile long behindSince;

	private volatile boolean failing;

	/** How often it failed in a row, and how far it had come the last time. */
	private int failures;

	private Txid failedAt = Txid.ZERO;

	private long lastLook = System.nanoTime();

	CaptureLoop(LiveDatabase database, Capture capture, Checkpointer checkpointer, Uploader uploader,
			PinnedWork pinnedWork, Progress progress, ReplicatorSettings settings) {
		this(database, capture, checkpointer, uploader, pinnedWork, progress, settings, new Backoff());
	}

	CaptureLoop(LiveDatabase database, Capture capture, Checkpointer checkpointer, Uploader uploader,
			PinnedWork pinnedWork, Progress progress, ReplicatorSettings settings, Backoff backoff) {
		this.backoff = backoff;
		this.pinning = new SideWork(settings.name(), ErrorStage.SNAPSHOT, progress);
		this.checkpointing = new SideWork(settings.name(), ErrorStage.CHECKPOINT, progress);
		this.name = settings.name();
		this.database = database;
		this.capture = capture;
		this.checkpointer = checkpointer;
		this.uploader = uploader;
		this.pinnedWork = pinnedWork;
		this.progress = progress;
		this.settings = settings;
	}

	/** Called on a writer's thread, just before it writes the frames of a commit. */
	void commitBegins() {
		this.announcements.add();
		if (this.asleep) {
			LockSupport.unpark(this.thread);
		}
		this.capture.pace().await();
	}

	/** Look again, since something has changed. */
	void wake() {
		this.woken = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * Capture everything that is committed by now, at once.
	 * @return completes with the last TXID captured
	 */
	CompletableFuture<Txid> request() {
		CompletableFuture<Txid> request = new CompletableFuture<>();
		this.requests.add(request);
		wake();
		return request;
	}

	void stop() {
		this.stopped = true;
		wake();
	}

	/** Nobody captures any more: whoever waits need not wait to the end of his time. */
	void refuse() {
		LitestreamException stopped = new ReplicationStoppedException("replication was stopped");
		takeRequests().forEach((request) -> request.completeExceptionally(stopped));
	}

	void reopen() {
		this.lastSound = System.nanoTime();
		this.stopped = false;
	}

	/**
	 * When the oldest commit was made that is not captured. While nothing can be
	 * captured, or this thread hangs, when it was last known what is committed: another
	 * process may have committed in the next moment.
	 * @return as {@link System#nanoTime}, or {@code null} when all are
	 */
	@Nullable Long uncapturedSince() {
		long now = System.nanoTime();
		long seen = this.behindSince;
		long age = Math.max(this.announcements.age(now), (seen != 0) ? now - seen : 0);
		long unknown = now - this.lastSound;
		if (this.thread != null && !this.stopped && (this.failing || unknown > PATIENCE_NANOS)) {
			age = Math.max(age, unknown);
		}
		return (age > 0) ? now - age : null;
	}

	long walBytes() {
		return this.walBytes;
	}

	@Override
	public void run() {
		this.thread = Thread.currentThread();
		// One that was left behind by a stop ends its step before its successor begins
		this.turn.lock();
		try {
			this.announcements.resume();
			while (!this.stopped && this.thread == Thread.currentThread()) {
				tryStep();
			}
		}
		finally {
			this.turn.unlock();
		}
	}

	private void tryStep() {
		try {
			step();
		}
		catch (ContinuityLostException ex) {
			logger.warn("{}: the history begins anew with a snapshot ({}): {}", this.name, ex.reason(),
					ex.getMessage());
			this.pinnedWork.beginAnew(ex.reason());
		}
		catch (IOException | RuntimeException | Error ex) {
			// Memory may be freed again, but nobody starts this thread again
			failed(ex);
		}
	}

	private void succeeded() {
		this.failing = false;
		this.lastSound = System.nanoTime();
		if (this.failures > 0) {
			logger.warn("{}: captures again, after {} failures", this.name, this.failures);
			this.failures = 0;
			this.backoff.reset();
			this.progress.overcome(ErrorStage.CAPTURE);
			this.progress.overcome(ErrorStage.STAGING);
		}
	}

	private void failed(Throwable ex) {
		this.failing = true;
		ErrorStage stage = StagingException.isCauseOf(ex) ? ErrorStage.STAGING : ErrorStage.CAPTURE;
		this.progress.failed(stage, "Cannot capture: " + ((ex.getMessage() != null) ? ex.getMessage() : ex));
		if (this.failures % 10 == 0) {
			logger.warn("{}: cannot capture, and will go on trying", this.name, ex);
		}
		this.failures++;
		Txid captured = this.progress.captured();
		if (!captured.equals(this.failedAt)) {
			// It got further than the last time
			this.failedAt = captured;
			this.backoff.reset();
		}
		park(this.backoff.next().toNanos());
	}

	private void step() throws IOException {
		this.woken = false;
		long announced = this.announcements.count();
		WalIndexHeader index = this.database.index();
		this.walBytes = index.frames() * (index.pageSize() + 24L);
		requireInPlace();
		if (this.progress.isFenced()) {
			succeeded();
			fenced(index);
			return;
		}
		this.capture.noteRun(index);
		boolean requested = !this.requests.isEmpty();
		if (this.pinnedWork.isNewBeginning()) {
			this.pinnedWork.proceed();
		}
		else {
			this.pinning.run(this.pinnedWork::proceed);
		}
		boolean checkpoint = !this.pinnedWork.isUnderWay() && this.checkpointing.isReady()
				&& this.checkpointer.isDue(index);
		boolean behind = this.capture.position().isBehind(index);
		noteBehind(behind);
		if (requested || checkpoint || (behind && mayUpload())) {
			captureNow();
			succeeded();
			if (checkpoint) {
				this.checkpointing.run(this::checkpoint);
			}
			return;
		}
		if (!behind) {
			succeeded();
		}
		rest(announced, index, behind);
	}

	/** What another process commits is announced by nobody, and may wait for its turn. */
	private void noteBehind(boolean behind) {
		if (!behind) {
			this.behindSince = 0;
		}
		else if (this.behindSince == 0) {
			this.behindSince = System.nanoTime();
		}
	}

	private void checkpoint() throws IOException {
		long began = System.nanoTime();
		if (this.checkpointer.run()) {
			this.progress.observer().done(Activity.CHECKPOINT, Duration.ofNanos(System.nanoTime() - began));
		}
	}

	private void captureNow() throws IOException {
		// Taken before the look at what is committed: a later one asks for more
		List<CompletableFuture<Txid>> taken = takeRequests();
		Long since = this.announcements.take();
		boolean captured = false;
		try {
			captured = this.capture.captureAll(since);
			noteBehind(false);
			taken.forEach((request) -> request.complete(this.capture.position().txid()));
		}
		finally {
			taken.stream().filter((request) -> !request.isDone()).forEach(this.requests::add);
			this.announcements.taken(since, captured);
		}
	}

	private List<CompletableFuture<Txid>> takeRequests() {
		List<CompletableFuture<Txid>> taken = new ArrayList<>();
		for (CompletableFuture<Txid> one = this.requests.poll(); one != null; one = this.requests.poll()) {
			taken.add(one);
		}
		return taken;
	}

	private boolean mayUpload() {
		return this.uploader.isIdle() && untilNextUpload() <= 0;
	}

	private long untilNextUpload() {
		return this.settings.syncInterval().toNanos() - (System.nanoTime() - this.uploader.lastStart());
	}

	/**
	 * Wait for what can happen next.
	 */
	private void rest(long announced, WalIndexHeader index, boolean behind) {
		if (behind) {
			long left = this.uploader.isIdle() ? untilNextUpload() : LOOK_NANOS;
			park(Math.max(1, Math.min(left, LOOK_NANOS)));
			return;
		}
		long pause = this.announcements.pause(announced, index);
		if (pause == 0) {
			sleep(announced);
		}
		else {
			park(pause);
		}
	}

	private void sleep(long announced) {
		this.asleep = true;
		try {
			if (this.announcements.count() == announced) {
				park(LOOK_NANOS);
			}
		}
		finally {
			this.asleep = false;
		}
	}

	private void park(long nanos) {
		if (!this.woken && !this.stopped) {
			LockSupport.parkNanos(this, nanos);
		}
	}

	private void fenced(WalIndexHeader index) {
		ConflictException fenced = new ConflictException("Nothing is stored any more: " + this.progress.fence());
		takeRequests().forEach((request) -> request.completeExceptionally(fenced));
		// A snapshot would be stored over the other writer's history, and needs the guard
		if (this.pinnedWork.fence(fenced) && index.frames() >= this.settings.checkpoint().minPages()
				&& !index.isBackfilled()) {
			// Nothing is captured any more, but the WAL must not grow for ever
			this.database.renewGuard();
			this.database.checkpoint();
			this.database.renewGuard();
		}
		park(LOOK_NANOS);
	}

	private void requireInPlace() throws IOException {
		long now = System.nanoTime();
		if (now - this.lastLook < LOOK_NANOS) {
			return;
		}
		if (!this.database.isInPlace()) {
			throw new LitestreamException(
					"%s was deleted or replaced while it is in use: what is written now goes to a file that has no name. Restart the application."
						.formatted(this.database.file()));
		}
		this.lastLook = now;
	}

}
