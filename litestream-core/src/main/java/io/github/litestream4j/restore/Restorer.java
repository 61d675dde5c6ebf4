package io.github.litestream4j.restore;

import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.storage.ReplicaStorage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database out of a replica's files. Safe for use by several threads, for one
 * target at a time.
 */
public final class Restorer {

	private static final Logger logger = LoggerFactory.getLogger(Restorer.class);

	/** How often retention may take files away while they are needed. */
	private static final int PLANS = 30;

	/** How often in a row the same file may be listed and not be there. */
	private static final int LISTED_ONLY = 5;

	private final ReplicaStorage storage;

	private final FetchSettings settings;

	private final Clock clock;

	private final RestoreListener listener;

	/**
	 * Create a restorer; nothing is read before it is asked to restore.
	 * @param storage the replica
	 */
	public Restorer(ReplicaStorage storage) {
		this(storage, FetchSettings.DEFAULT, Clock.systemUTC());
	}

	/**
	 * Create a restorer that tells how far it is; nothing is read before it is asked to
	 * restore.
	 * @param storage the replica
	 * @param listener is told
	 */
	public Restorer(ReplicaStorage storage, RestoreListener listener) {
		this(storage, FetchSettings.DEFAULT, Clock.systemUTC(), listener);
	}

	Restorer(ReplicaStorage storage, FetchSettings settings, Clock clock) {
		this(storage, settings, clock, (status) -> {
		});
	}

	private Restorer(ReplicaStorage storage, FetchSettings settings, Clock clock, RestoreListener listener) {
		this.storage = storage;
		this.settings = settings;
		this.clock = clock;
		this.listener = listener;
	}

	/**
	 * Tell what a restore would make, and what of. Nothing is written.
	 * @param request what; its target is not looked at
	 * @return the files that would be read; empty only when every listing succeeded and
	 * the replica holds no file at all
	 * @throws UnreachablePointException when the replica cannot give the wanted state
	 * @throws CorruptDataException when the newest of the files has no valid header, and
	 * no others make the same state
	 * @throws StorageUnavailableException when the storage failed too often
	 */
	public Optional<RestorePreview> plan(RestoreRequest request) {
		return untilFilesStay(() -> {
			Optional<LegacyChoice> legacy = LegacyChoice.of(this.storage, request);
			if (legacy.isPresent()) {
				return Optional.of(legacy.get().preview());
			}
			RestorePlanner planner = new RestorePlanner(this.storage);
			Optional<RestorePlan> found = planner.plan(request.txid(), request.timestamp());
			if (found.isEmpty()) {
				LegacyChoice.requireNoTxid(this.storage, request.txid());
			}
			return found.map((plan) -> preview(new Detour(this.storage, plan), planner));
		});
	}

	private RestorePreview preview(Detour detour, RestorePlanner planner) {
		while (true) {
			RestorePlan plan = detour.plan();
			try {
				LtxHeader header = new HeaderReader(this.storage, this.settings).read(plan.last(), new LongAdder());
				return new RestorePreview(plan.txid(), planner.timeOf(plan.last()), plan.files(), plan.bytes(),
						header.pageSize(), header.commit());
			}
			catch (CorruptDataException ex) {
				detour.avoid(plan.last(), ex);
			}
		}
	}

	/**
	 * Restore into a file that is not there yet (or is empty): beside it first, verified,
	 * synced, then renamed. After any exception the target is as it was, and nothing is
	 * left beside it.
	 * @param request what, and where to
	 * @return what was done; empty only when every listing succeeded and the replica
	 * holds no file at all, also when a particular state is wanted
	 * @throws ConfigurationException when the target exists or its folder cannot be used
	 * @throws UnreachablePointException when the replica cannot give the wanted state:
	 * never is an older one given in its place
	 * @throws CorruptDataException when a stored file is not what it must be and no
	 * others make the same state, or SQLite finds the database damaged
	 * @throws StorageUnavailableException when the storage failed too often
	 * @throws LitestreamException when the target cannot be written, or the thread is
	 * interrupted
	 */
	public Optional<RestoreResult> restore(RestoreRequest request) {
		try (RestoreTarget target = RestoreTarget.claim(request.target(), this.clock)) {
			return untilFilesStay(() -> restore(request, target));
		}
	}

	private <T> T untilFilesStay(Supplier<T> task) {
		String missing = "";
		int same = 0;
		for (int plans = 1;; plans++) {
			try {
				return task.get();
			}
			catch (MissingFileException ex) {
				String message = String.valueOf(ex.getMessage());
				same = message.equals(missing) ? same + 1 : 1;
				missing = message;
				if (plans == PLANS || same == LISTED_ONLY) {
					throw ex;
				}
				logger.info("A file has gone from {} while it was needed; planning again: {}", this.storage.url(),
						message);
			}
		}
	}

	private Optional<RestoreResult> restore(RestoreRequest request, RestoreTarget target) {
		Optional<LegacyChoice> legacy = LegacyChoice.of(this.storage, request);
		if (legacy.isPresent()) {
			return Optional.of(new LegacyRestore(this.storage, legacy.get(), this.listener).run(request, target));
		}
		Optional<RestorePlan> plan = new RestorePlanner(this.storage).plan(request.txid(), request.timestamp());
		if (plan.isEmpty()) {
			LegacyChoice.requireNoTxid(this.storage, request.txid());
			logger.info("The replica {} holds no file: there is nothing to restore to {}", this.storage.url(),
					target.path());
			return Optional.empty();
		}
		return Optional.of(restore(request, new Detour(this.storage, plan.get()), target));
	}

	private RestoreResult restore(RestoreRequest request, Detour detour, RestoreTarget target) {
		RestoreProgress progress = begin(detour.plan(), target);
		LongAdder received = new LongAdder();
		while (true) {
			try (TemporaryDatabase database = target.create()) {
				RestoreResult result = write(request, detour, database, progress, received);
				target.publish(database);
				logger.info("Restored {} at TXID {}: {} pages of {} bytes in {} ms", target.path(), result.txid(),
						result.pageCount(), result.pageSize(), result.took().toMillis());
				return result;
			}
			catch (DamagedFileException ex) {
				detour.avoid(ex.file(), ex.damage());
				progress.expectBytes(received.sum() + detour.plan().bytes());
			}
			catch (CorruptDataException ex) {
				throw detour.cause(ex);
			}
			catch (IOException ex) {
				throw target.failed("be written", ex);
			}
		}
	}

	private RestoreProgress begin(RestorePlan plan, RestoreTarget target) {
		logger.info("Restoring {} from {} at TXID {}: {} files, {}", target.path(), this.storage.url(), plan.txid(),
				plan.files().size(), RestoreProgress.size(plan.bytes()));
		return new RestoreProgress(target.path().toString(), plan.bytes(), this.listener);
	}

	private RestoreResult write(RestoreRequest request, Detour detour, TemporaryDatabase database,
			RestoreProgress progress, LongAdder received) throws IOException {
		RestorePlan plan = detour.plan();
		PlanExecution execution = new PlanExecution(this.storage, plan, database, progress, received);
		WrittenDatabase written = execution.run(this.settings, request.parallelism(), detour.checksum());
		String name = execution.name();
		DatabaseCheck.header(database.channel(), written.pageSize(), name);
		database.sync();
		DatabaseCheck.integrity(database.path(), request.integrityCheck(), name);
		return new RestoreResult(plan.txid(), written.pageSize(), written.pageCount(), written.checksum(),
				plan.files().size(), received.sum(), progress.took());
	}

}
