package io.github.litestream4j.restore;

import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the state that a plan's files make, and compares its checksum with that of its
 * writer. Where that one is known only what is needed is read of the files; where it is
 * not, or something does not fit, all of them are read whole, which tells what file is
 * damaged. For use once, by one thread.
 */
final class PlanExecution {

	private static final Logger logger = LoggerFactory.getLogger(PlanExecution.class);

	/** What is not larger is read whole, whatever is needed of it: a moment. */
	private static final long SMALL = 1 << 20;

	/** As is what does not have this much more than its oldest file, the snapshot. */
	private static final double HISTORY = 1.1;

	private final ReplicaStorage storage;

	private final RestorePlan plan;

	private final TemporaryDatabase target;

	private final RestoreProgress progress;

	private final LongAdder received;

	/**
	 * Create it; nothing is read.
	 * @param storage where the files are
	 * @param plan which files
	 * @param target what to write to, empty
	 * @param progress is told how far it is
	 * @param received counts what the storage delivers
	 */
	PlanExecution(ReplicaStorage storage, RestorePlan plan, TemporaryDatabase target, RestoreProgress progress,
			LongAdder received) {
		this.storage = storage;
		this.plan = plan;
		this.target = target;
		this.progress = progress;
		this.received = received;
	}

	/** What messages call the database. */
	String name() {
		return "The database at TXID " + this.plan.txid() + " of " + this.storage.url();
	}

	/**
	 * Read and write.
	 * @param settings how files are fetched
	 * @param parallelism how many ranges are read at once
	 * @param expected the checksum that the writer's database had, empty when it is not
	 * known
	 * @return what was written
	 * @throws IOException when the target cannot be written
	 * @throws DamagedFileException when a file is not what it must be
	 * @throws CorruptDataException when all are, and their database is not that of their
	 * writer
	 */
	WrittenDatabase run(FetchSettings settings, int parallelism, OptionalLong expected) throws IOException {
		WrittenDatabase written = null;
		if (expected.isPresent() && hasHistory()) {
			written = readIndexed(settings, parallelism, expected.getAsLong());
		}
		if (written == null) {
			written = new PlanReader(database(), this.progress, this.received).read(this.storage, settings,
					parallelism);
			requireChecksum(expected, written.checksum());
		}
		this.progress.end(this.received.sum(), written.pageCount());
		return written;
	}

	private boolean hasHistory() {
		return this.plan.bytes() > Math.max(SMALL, this.plan.files().get(0).size() * HISTORY);
	}

	private PlannedDatabase database() {
		return new PlannedDatabase(this.storage, this.plan, this.target.channel(), this.progress);
	}

	private @Nullable WrittenDatabase readIndexed(FetchSettings settings, int parallelism, long expected)
			throws IOException {
		String problem;
		try {
			WrittenDatabase written = new IndexedReader(this.storage, settings, parallelism, database(), this.progress,
					this.received)
				.read(new ScratchFolder(this.target.folder()));
			if (written.checksum() == expected) {
				return written;
			}
			problem = "its checksum is %016x, but its writer stored %016x".formatted(written.checksum(), expected);
		}
		catch (CorruptDataException ex) {
			problem = String.valueOf(ex.getMessage());
		}
		logger.warn("{}: {}. All {} files that it is made of are read whole, to find out what is damaged", name(),
				problem, this.plan.files().size());
		this.target.channel().truncate(0);
		this.progress.expectBytes(this.received.sum() + this.plan.bytes());
		return null;
	}

	/**
	 * Compare with what the writer had: each file may be sound, and one of another
	 * history.
	 */
	private void requireChecksum(OptionalLong expected, long found) {
		if (expected.isPresent() && expected.getAsLong() != found) {
			throw new CorruptDataException(
					"%s has the checksum %016x, but its writer stored %016x with %s: one of the %d files that it is made of is not of this history. Restore an earlier state."
						.formatted(name(), found, expected.getAsLong(), this.plan.last().key(),
								this.plan.files().size()));
		}
	}

}
