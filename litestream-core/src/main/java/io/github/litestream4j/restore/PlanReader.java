package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Reads all files of a plan whole, newest first, and writes each page of the database
 * once. Every file is read to its checksum: only that proves that its bytes are those
 * that were stored. For use once, by one thread.
 */
final class PlanReader {

	private final ReplicaStorage storage;

	private final RestorePlan plan;

	private final FileChannel target;

	private final RestoreProgress progress;

	private @Nullable DatabasePages pages;

	private byte[] page = {};

	/**
	 * Create a reader.
	 * @param storage where the files are
	 * @param plan which files
	 * @param target the empty file to write the database to
	 * @param progress is told how far it is
	 */
	PlanReader(ReplicaStorage storage, RestorePlan plan, FileChannel target, RestoreProgress progress) {
		this.storage = storage;
		this.plan = plan;
		this.target = target;
		this.progress = progress;
	}

	/**
	 * Read and write everything.
	 * @param settings how files are fetched
	 * @param parallelism how many ranges are read at once
	 * @return what was read
	 * @throws IOException when the target cannot be written
	 * @throws CorruptDataException when a file is not what it must be
	 */
	Outcome read(FetchSettings settings, int parallelism) throws IOException {
		List<StoredFile> newestFirst = new ArrayList<>(this.plan.files());
		Collections.reverse(newestFirst);
		try (FileFetcher fetcher = new FileFetcher(this.storage, newestFirst, settings, parallelism)) {
			for (StoredFile file : newestFirst) {
				String name = file.key() + " of " + this.storage.url();
				try (LtxReader reader = new LtxReader(fetcher.next(), name)) {
					readPages(reader, file, name, fetcher);
				}
			}
			DatabasePages written = written();
			written.finish();
			long missing = written.firstMissing();
			if (missing != 0) {
				throw new CorruptDataException("Page " + missing + " of the database's " + written.count()
						+ " pages is in none of the files from " + this.plan.files().get(0).key() + " to "
						+ newestFirst.get(0).key() + " of " + this.storage.url()
						+ ": its writer left it out; restore an earlier state");
			}
			return new Outcome(written.pageSize(), written.count(), written.checksum(), fetcher.received());
		}
	}

	private void readPages(LtxReader reader, StoredFile file, String name, FileFetcher fetcher) throws IOException {
		DatabasePages into = accept(reader.header(), file, name);
		for (long number = reader.nextPage(this.page); number != 0; number = reader.nextPage(this.page)) {
			into.put(number, this.page);
			this.progress.at(fetcher.received());
		}
	}

	private DatabasePages accept(LtxHeader header, StoredFile file, String name) {
		if (!header.min().equals(file.key().name().min()) || !header.max().equals(file.key().name().max())) {
			throw new CorruptDataException(name + " holds TXIDs " + header.min() + " to " + header.max()
					+ ", which is not what its name says: it was stored under a wrong name, or is damaged");
		}
		DatabasePages database = this.pages;
		if (database == null) {
			database = new DatabasePages(this.target, header.pageSize(), header.commit());
			this.pages = database;
			this.page = new byte[header.pageSize()];
		}
		if (header.pageSize() != database.pageSize()) {
			throw new CorruptDataException(name + " has pages of " + header.pageSize()
					+ " bytes, but the later files of the replica have pages of " + database.pageSize()
					+ ": they are not of one database");
		}
		return database;
	}

	private DatabasePages written() {
		DatabasePages database = this.pages;
		if (database == null) {
			throw new IllegalStateException("a plan without files");
		}
		return database;
	}

	/**
	 * What was read.
	 *
	 * @param pageSize in bytes
	 * @param pageCount the database's size in pages
	 * @param checksum of the whole database, as LTX defines it
	 * @param bytesRead how many bytes the storage delivered
	 */
	record Outcome(int pageSize, long pageCount, long checksum, long bytesRead) {

	}

}
