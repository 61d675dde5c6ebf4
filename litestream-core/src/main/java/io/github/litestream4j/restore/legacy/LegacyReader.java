package io.github.litestream4j.restore.legacy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Makes a database of a snapshot and of WALs of Litestream 0.3. What it holds in memory
 * grows neither with the database nor with a WAL or a transaction.
 *
 * @param storage where the files are
 * @param scratch for transactions that are too long for the memory
 * @param progress is told now and then how far it is
 * @param firstPause how long to wait after a first failure of the storage
 */
public record LegacyReader(ReplicaStorage storage, ScratchFolder scratch, Progress progress, Duration firstPause) {

	/**
	 * Create a reader.
	 * @param storage where the files are
	 * @param scratch for transactions that are too long for the memory
	 * @param progress is told now and then how far it is
	 */
	public LegacyReader(ReplicaStorage storage, ScratchFolder scratch, Progress progress) {
		this(storage, scratch, progress, Duration.ofMillis(100));
	}

	/**
	 * Read the files of a plan.
	 * @param plan the files
	 * @param file where the database is written; empty
	 * @param parallelism how many files are fetched at once
	 * @return what was written
	 * @throws IOException when the file cannot be written
	 */
	public Outcome read(LegacyPlan plan, FileChannel file, int parallelism) throws IOException {
		DatabaseFile database = new DatabaseFile(file);
		try (FileQueue queue = new FileQueue(this.storage, plan.files().iterator(), parallelism, this.firstPause)) {
			try (InputStream in = queue.next()) {
				database.fill(in, (pages) -> this.progress.at(queue.received(), pages));
			}
			for (int first = 0; first < plan.segments().size();) {
				int end = first;
				while (end < plan.segments().size()
						&& plan.segments().get(end).index() == plan.segments().get(first).index()) {
					end++;
				}
				apply(plan.segments().subList(first, end), end == plan.segments().size(), database, queue);
				first = end;
			}
			return outcome(plan, database, queue.received());
		}
	}

	private void apply(List<LegacyFile> segments, boolean last, DatabaseFile database, FileQueue queue)
			throws IOException {
		try (LegacyWal wal = new LegacyWal(database, this.scratch)) {
			for (LegacyFile segment : segments) {
				try (InputStream in = queue.next()) {
					wal.add(segment, in);
				}
				this.progress.at(queue.received(), database.pages());
			}
			wal.finish(segments.get(segments.size() - 1), last);
		}
	}

	private Outcome outcome(LegacyPlan plan, DatabaseFile database, long bytesRead) throws IOException {
		int pageSize = database.pageSize();
		long size = database.channel().size();
		if (pageSize < 512 || size % pageSize != 0) {
			throw new CorruptDataException(
					"%s of %s make no SQLite database: expected whole pages, found %d bytes and a page size of %d"
						.formatted(plan, this.storage.url(), size, pageSize));
		}
		return new Outcome(pageSize, size / pageSize, 1 + plan.segments().size(), bytesRead);
	}

	/**
	 * What was written.
	 *
	 * @param pageSize in bytes
	 * @param pageCount the database's size in pages
	 * @param files how many files were read
	 * @param bytesRead how many bytes came from the storage
	 */
	public record Outcome(int pageSize, long pageCount, int files, long bytesRead) {

	}

	/**
	 * Is told how far it is.
	 */
	@FunctionalInterface
	public interface Progress {

		/**
		 * Some more was read.
		 * @param bytes how many bytes came from the storage
		 * @param pages how large the database is by now, in pages
		 */
		void at(long bytes, long pages);

	}

}
