package io.github.litestream4j.restore;

import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database out of a replica's files. Safe for use by several threads, for one
 * target at a time.
 */
public final class Restorer {

	private static final Logger logger = LoggerFactory.getLogger(Restorer.class);

	/** How often retention may take a file away while it is needed. */
	private static final int PLANS = 5;

	private final ReplicaStorage storage;

	private final FetchSettings settings;

	private final Clock clock;

	/**
	 * Create a restorer; nothing is read before it is asked to restore.
	 * @param storage the replica
	 */
	public Restorer(ReplicaStorage storage) {
		this(storage, FetchSettings.DEFAULT, Clock.systemUTC());
	}

	Restorer(ReplicaStorage storage, FetchSettings settings, Clock clock) {
		this.storage = storage;
		this.settings = settings;
		this.clock = clock;
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
	 * @throws CorruptDataException when a stored file is not what it must be, or SQLite
	 * finds the database damaged
	 * @throws StorageUnavailableException when the storage failed too often
	 * @throws LitestreamException when the target cannot be written, or the thread is
	 * interrupted
	 */
	public Optional<RestoreResult> restore(RestoreRequest request) {
		try (RestoreTarget target = RestoreTarget.claim(request.target(), this.clock)) {
			for (int plans = 1;; plans++) {
				try {
					return restore(request, target);
				}
				catch (MissingFileException ex) {
					if (plans == PLANS) {
						throw ex;
					}
					logger.info("A file has gone from {} while it was being restored; planning again: {}",
							this.storage.url(), ex.getMessage());
				}
			}
		}
	}

	private Optional<RestoreResult> restore(RestoreRequest request, RestoreTarget target) {
		Optional<RestorePlan> plan = new RestorePlanner(this.storage).plan(request.txid(), request.timestamp());
		if (plan.isEmpty()) {
			logger.info("The replica {} holds no file: there is nothing to restore to {}", this.storage.url(),
					target.path());
			return Optional.empty();
		}
		RestoreProgress progress = begin(plan.get(), target);
		try (TemporaryDatabase database = target.create()) {
			RestoreResult result = write(request, plan.get(), database, progress);
			target.publish(database);
			logger.info("Restored {} at TXID {}: {} pages of {} bytes in {} ms", target.path(), result.txid(),
					result.pageCount(), result.pageSize(), result.took().toMillis());
			return Optional.of(result);
		}
		catch (IOException ex) {
			throw target.failed("be written", ex);
		}
	}

	private RestoreProgress begin(RestorePlan plan, RestoreTarget target) {
		logger.info("Restoring {} from {} at TXID {}: {} files, {}", target.path(), this.storage.url(), plan.txid(),
				plan.files().size(), RestoreProgress.size(plan.bytes()));
		return new RestoreProgress(target.path().toString(), plan.bytes());
	}

	/**
	 * Compare with what the writer had: each file may be sound, and one of another
	 * history.
	 */
	private void requireChecksum(RestorePlan plan, long found, String name) {
		StoredFile last = plan.files().get(plan.files().size() - 1);
		OptionalLong expected = this.storage.databaseChecksum(last);
		if (expected.isPresent() && expected.getAsLong() != found) {
			throw new CorruptDataException(
					"%s has the checksum %016x, but its writer stored %016x with %s: one of the %d files that it is made of is not of this history. Restore an earlier state."
						.formatted(name, found, expected.getAsLong(), last.key(), plan.files().size()));
		}
	}

	private RestoreResult write(RestoreRequest request, RestorePlan plan, TemporaryDatabase database,
			RestoreProgress progress) throws IOException {
		PlanReader.Outcome outcome = new PlanReader(this.storage, plan, database.channel(), progress)
			.read(this.settings, request.parallelism());
		String name = "The database at TXID " + plan.txid() + " of " + this.storage.url();
		requireChecksum(plan, outcome.checksum(), name);
		DatabaseCheck.header(database.channel(), outcome.pageSize(), name);
		database.sync();
		DatabaseCheck.integrity(database.path(), request.integrityCheck(), name);
		return new RestoreResult(plan.txid(), outcome.pageSize(), outcome.pageCount(), outcome.checksum(),
				plan.files().size(), outcome.bytesRead(), progress.took());
	}

}
