package io.github.litestream4j.restore;

import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Reads all files of a plan whole, newest first, and writes each page of the database
 * once. Every file is read to its checksum: only that proves that its bytes are those
 * that were stored. For use once, by one thread.
 */
final class PlanReader {

	private final PlannedDatabase database;

	private final RestoreProgress progress;

	private final LongAdder received;

	/**
	 * Create a reader.
	 * @param database takes the pages
	 * @param progress is told how far it is
	 * @param received counts what the storage delivers
	 */
	PlanReader(PlannedDatabase database, RestoreProgress progress, LongAdder received) {
		this.database = database;
		this.progress = progress;
		this.received = received;
	}

	/**
	 * Read and write everything.
	 * @param storage where the files are
	 * @param settings how files are fetched
	 * @param parallelism how many ranges are read at once
	 * @return what was written
	 * @throws IOException when the target cannot be written
	 * @throws DamagedFileException when a file is not what it must be
	 * @throws CorruptDataException when all are, and lack a page
	 */
	WrittenDatabase read(ReplicaStorage storage, FetchSettings settings, int parallelism) throws IOException {
		try (FileFetcher fetcher = new FileFetcher(storage,
				this.database.newestFirst().stream().map(Extent::whole).iterator(), settings, parallelism,
				this.received)) {
			for (FetchedExtent file = fetcher.next(); file != null; file = fetcher.next()) {
				readPages(file);
			}
			return this.database.finish();
		}
	}

	private void readPages(FetchedExtent file) throws IOException {
		try (LtxReader reader = new LtxReader(file, this.database.nameOf(file.extent().file()))) {
			DatabasePages into = this.database.accept(reader.header(), file.extent().file());
			byte[] page = this.database.page();
			for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
				into.put(number, page);
				this.progress.at(this.received.sum(), into.size());
			}
		}
		catch (CorruptDataException ex) {
			throw new DamagedFileException(file.extent().file(), ex);
		}
	}

}
