package io.github.litestream4j.replication;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.history.HistoryKeeper;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * What one replicator consists of, put together. Nothing of it is opened or started here.
 */
final class ReplicatorParts {

	final ReplicatorSettings settings;

	final ReplicaStorage storage;

	final LiveDatabase database;

	final PositionFile positionFile;

	final PageChecksums checksums;

	final PinnedWork pinnedWork;

	final Progress progress;

	final GenerationLog generations;

	final Uploader uploader;

	final Snapshotter snapshotter;

	final SnapshotOrders orders;

	final SyncWait waiting;

	final StatusReport report;

	final Capture capture;

	final CaptureLoop loop;

	final HistoryKeeper keeper;

	final Verification verification;

	final ReplicationThreads threads;

	ReplicatorParts(ReplicatorSettings settings, ReplicaStorage storage, ReplicaHistory history, LogEnd.Moment listed,
			LiveDatabase database, Staging staging, PositionFile positionFile, PageChecksums checksums,
			ReplicationObserver told) {
		ReplicationObserver observer = ReplicationObserver.guarded(told);
		this.checksums = checksums;
		this.settings = settings;
		this.storage = storage;
		this.database = database;
		this.positionFile = positionFile;
		this.progress = Progress.of(history, observer);
		this.generations = new GenerationLog(storage, settings.stagingDirectory(), observer);
		LogEnd end = new LogEnd(storage, this.progress.index(), LogEnd.Time.SYSTEM, listed);
		this.uploader = new Uploader(settings.name(), storage, staging, this.progress, this.generations, end,
				this::wake, new Backoff());
		this.waiting = new SyncWait(settings.name(), storage.url(), this.progress, this.uploader);
		Duration every = settings.history().snapshotInterval();
		StormGuard guard = new StormGuard(settings.name(), every, this.progress, this.generations, Clock.systemUTC());
		this.snapshotter = new Snapshotter(settings.name(), storage, this.progress, guard, this::wake);
		this.capture = new Capture(database, staging, positionFile, this.progress, this.uploader, checksums);
		this.orders = new SnapshotOrders(settings.name(), storage, this.progress, guard, this::wake);
		this.pinnedWork = new PinnedWork(this.capture, this.snapshotter, this.uploader, this.progress, storage,
				this.generations, new OrderedSnapshots(this.orders, this.capture, this.snapshotter, this.progress,
						settings.busyTimeout()),
				settings.busyTimeout());
		Checkpointer checkpointer = new Checkpointer(database, this.capture, staging, settings.checkpoint(),
				settings.busyTimeout());
		this.loop = new CaptureLoop(database, this.capture, checkpointer, this.uploader, this.pinnedWork, this.progress,
				settings);
		this.report = new StatusReport(settings, storage.url(), this.progress, this.loop, this.uploader,
				this.generations);
		// Without the lock of Running: a stop holds it while it waits for the keeper
		Function<Duration, Txid> sync = (timeout) -> this.waiting.await(this.loop.request(), timeout);
		this.verification = new Verification(settings, storage, this.pinnedWork.liveReadings(), this.progress,
				this.loop::wake, sync);
		this.keeper = KeptHistory.keeper(settings, storage, staging, this.progress, this.verification::last,
				new SnapshotChore(this.orders, this.progress, guard, sync, every, Clock.systemUTC()),
				this.verification.chore());
		this.threads = new ReplicationThreads(settings.name(), this.loop, this.uploader, this.snapshotter, this.keeper,
				this.progress);
	}

	/** Look again what can be stored. */
	private void wake() {
		this.uploader.wake();
		this.loop.wake();
	}

}
