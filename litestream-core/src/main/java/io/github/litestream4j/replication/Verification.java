package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.DrillChore;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.history.LiveState;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.history.RestoreDrill;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the replica proven by a restore beside the live database, and tells the log and the
 * progress what came of it. Its methods may be called by any thread.
 */
final class Verification {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	/**
	 * How long everything committed may take to be stored: an outage holds no chore up.
	 */
	private static final Duration BEGIN = Duration.ofSeconds(30);

	/** How long the pages may take to be read, besides what their number takes. */
	private static final Duration READING = Duration.ofMinutes(5);

	/** At least so much is read of the database in a second, in bytes. */
	private static final long SLOWEST = 10_000_000;

	private final ReplicatorSettings settings;

	private final LiveReadings readings;

	private final Progress progress;

	private final Runnable wakeCapture;

	private final Function<Duration, Txid> sync;

	private final DrillChore chore;

	/**
	 * Prepare, and clear what a drill left whose process was killed.
	 * @param settings what is replicated
	 * @param storage where to
	 * @param readings reads the live database
	 * @param progress is told what came of it
	 * @param wakeCapture lets the readings begin
	 * @param sync stores everything that is committed, in a given time
	 */
	Verification(ReplicatorSettings settings, ReplicaStorage storage, LiveReadings readings, Progress progress,
			Runnable wakeCapture, Function<Duration, Txid> sync) {
		this.settings = settings;
		this.readings = readings;
		this.progress = progress;
		this.wakeCapture = wakeCapture;
		this.sync = sync;
		Path staging = settings.stagingDirectory();
		RestoreDrill drill = new RestoreDrill(storage, staging, RestoreDrill.GENTLE,
				known(settings.history(), progress.index()), progress.index());
		try {
			drill.clear();
		}
		catch (IOException ex) {
			logger.warn("{}: cannot remove what an earlier restore drill left in {}", settings.name(), staging, ex);
		}
		this.chore = new DrillChore(drill, this::storedState, settings.history().verificationInterval(),
				staging.resolve("drill-result"), storage.url(), this::drilled, Clock.systemUTC());
	}

	/**
	 * Where retention deletes nothing a rule of the storage may, but not before the time
	 * is over for which everything is to be kept.
	 */
	private static Supplier<List<StoredFile>> known(HistorySettings history, ReplicaIndex index) {
		if (history.retention() && !history.dryRun()) {
			return index::staying;
		}
		return () -> {
			Instant oldest = Instant.now().minus(history.snapshotRetention());
			return index.staying().stream().filter((file) -> file.lastModified().isAfter(oldest)).toList();
		};
	}

	/** What the keeper is to do. */
	DrillChore chore() {
		return this.chore;
	}

	private LiveState storedState() throws InterruptedException {
		// First, while nothing is pinned: an outage may last
		Txid stored = this.sync.apply(BEGIN);
		logger.debug("{}: the replica is compared at {} or later", this.settings.name(), stored);
		long bytes = this.settings.database().toFile().length();
		LiveState state = read(READING.plusSeconds(bytes / SLOWEST));
		if (!this.progress.awaitReplicated(state.txid(), System.nanoTime() + BEGIN.toNanos())) {
			throw new StorageUnavailableException(
					"%s: TXID %s, with which the replica is to be compared, was not stored within %s"
						.formatted(this.settings.name(), state.txid(), BEGIN));
		}
		return state;
	}

	/**
	 * Read all pages of the live database, in a read transaction.
	 * @param timeout how long that may take
	 * @return its state
	 */
	LiveState liveState(Duration timeout) {
		try {
			return read(timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException(this.settings.name() + ": the wait for the live database was interrupted",
					ex);
		}
	}

	private LiveState read(Duration timeout) throws InterruptedException {
		if (this.progress.isFenced()) {
			throw new ConflictException("%s: there is nothing to compare with: %s".formatted(this.settings.name(),
					this.progress.failure()));
		}
		CompletableFuture<LiveState> request = this.readings.request();
		this.wakeCapture.run();
		try {
			return request.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new LitestreamException(
					"%s: the live database was not read within %s".formatted(this.settings.name(), timeout), ex);
		}
		catch (ExecutionException ex) {
			throw failure("the live database cannot be read: ", ex.getCause());
		}
		finally {
			request.cancel(false);
		}
	}

	private static String message(@Nullable Throwable cause) {
		return (cause != null && cause.getMessage() != null) ? cause.getMessage() : String.valueOf(cause);
	}

	/** One of its own for each who waits. */
	private LitestreamException failure(String what, @Nullable Throwable cause) {
		String message = "%s: %s%s".formatted(this.settings.name(), what, message(cause));
		String fenced = this.progress.fence();
		if (fenced != null) {
			return new ConflictException(message + ": " + fenced, cause);
		}
		return (cause instanceof DamagedDatabaseException) ? new CorruptDataException(message, cause)
				: LitestreamException.ofKindOf(cause, message);
	}

	/**
	 * Have a drill run as soon as the keeper gets to it; whoever asks wakes the keeper.
	 * @return completes with what it found; cancelled when nobody waits for it any more
	 */
	CompletableFuture<DrillResult> request() {
		return this.chore.request();
	}

	/**
	 * Wait for a drill.
	 * @param request the drill
	 * @param timeout how long to wait for its result; it goes on then
	 * @return what it found
	 */
	DrillResult await(CompletableFuture<DrillResult> request, Duration timeout) {
		try {
			return request.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new StorageUnavailableException(
					"%s: the restore drill did not end within %s. Wait longer, or look at its result later"
						.formatted(this.settings.name(), timeout),
					ex);
		}
		catch (ExecutionException ex) {
			throw failure("", ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LitestreamException(this.settings.name() + ": the wait for the restore drill was interrupted",
					ex);
		}
		finally {
			request.cancel(false);
		}
	}

	/** Nothing is run any more: whoever waits need not wait to the end of his time. */
	void stopped() {
		this.chore.refuse(new ReplicationStoppedException("replication was stopped"));
	}

	Optional<DrillResult> last() {
		return this.chore.last();
	}

	private void drilled(DrillResult result) {
		if (result.passed()) {
			this.progress.overcome(ErrorStage.VERIFICATION);
			logger.info("{}: the restore drill passed: {} pages at TXID {}, {} bytes read in {} ms",
					this.settings.name(), result.pages(), result.txid(), result.bytes(), result.took().toMillis());
			return;
		}
		String message = "The restore drill at TXID %s failed: %s".formatted(result.txid(), result.failure());
		logger.error("{}: {}", this.settings.name(), message);
		this.progress.failed(ErrorStage.VERIFICATION, message);
	}

}
