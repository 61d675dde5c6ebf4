package io.github.litestream4j.restore;

import java.io.IOException;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.legacy.LegacyPlan;
import io.github.litestream4j.restore.legacy.LegacyReader;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.ReplicaStorage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database out of what Litestream 0.3 has stored.
 *
 * @param storage the replica
 * @param choice what is restored
 * @param listener is told how far it is
 */
record LegacyRestore(ReplicaStorage storage, LegacyChoice choice, RestoreListener listener) {

	private static final Logger logger = LoggerFactory.getLogger(LegacyRestore.class);

	/**
	 * Restore.
	 * @param request how
	 * @param target where to
	 * @return what was done
	 */
	RestoreResult run(RestoreRequest request, RestoreTarget target) {
		LegacyPlan plan = this.choice.plan();
		logger.info("Restoring {} from {}, which Litestream 0.3 wrote, as of {}: {} files, {}", target.path(),
				this.storage.url(), plan.time(), 1 + plan.segments().size(), RestoreProgress.size(plan.bytes()));
		RestoreProgress progress = new RestoreProgress(target.path().toString(), plan.bytes(), this.listener);
		try (TemporaryDatabase database = target.create()) {
			RestoreResult result = write(request, target, database, progress);
			this.listener.takesOver(this.choice.takeover());
			target.publish(database);
			logger.info("Restored {} from {}: {} pages of {} bytes in {} ms", target.path(), plan, result.pageCount(),
					result.pageSize(), result.took().toMillis());
			return result;
		}
		catch (IOException ex) {
			throw target.failed("be written", ex);
		}
	}

	private RestoreResult write(RestoreRequest request, RestoreTarget target, TemporaryDatabase database,
			RestoreProgress progress) throws IOException {
		LegacyPlan plan = this.choice.plan();
		LegacyReader.Outcome outcome = new LegacyReader(this.storage, new ScratchFolder(database.folder()),
				progress::at)
			.read(plan, database.channel(), request.parallelism());
		progress.expectPages(outcome.pageCount());
		progress.end(outcome.bytesRead(), outcome.pageCount());
		String name = "The database of " + plan + " in " + this.storage.url();
		DatabaseCheck.header(database.channel(), outcome.pageSize(), name);
		database.sync();
		DatabaseCheck.integrity(database.path(), request.integrityCheck(), name);
		return new RestoreResult(Txid.ZERO, outcome.pageSize(), outcome.pageCount(), 0, outcome.files(),
				outcome.bytesRead(), progress.took(), this.choice.takeover());
	}

}
