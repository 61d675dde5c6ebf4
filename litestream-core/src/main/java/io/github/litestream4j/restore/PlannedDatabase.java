package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * The database that a plan's files make, while it is written: as large as the header of
 * the newest file says. Not safe for use by several threads.
 */
final class PlannedDatabase {

	/** Page number, flags, size, and one byte at least. */
	private static final int SHORTEST_RECORD = 11;

	private final ReplicaStorage storage;

	private final List<StoredFile> newestFirst;

	private final FileChannel target;

	private final RestoreProgress progress;

	private @Nullable DatabasePages pages;

	private byte[] page = {};

	/**
	 * Begin a database.
	 * @param storage where the files are
	 * @param plan which files
	 * @param target the empty file to write to
	 * @param progress learns how large it is
	 */
	PlannedDatabase(ReplicaStorage storage, RestorePlan plan, FileChannel target, RestoreProgress progress) {
		this.storage = storage;
		List<StoredFile> files = new ArrayList<>(plan.files());
		Collections.reverse(files);
		this.newestFirst = List.copyOf(files);
		this.target = target;
		this.progress = progress;
	}

	List<StoredFile> newestFirst() {
		return this.newestFirst;
	}

	String nameOf(StoredFile file) {
		return file.key() + " of " + this.storage.url();
	}

	/**
	 * Check the header of a file, of the newest one first.
	 * @param header what stands in the file
	 * @param file what stands in the listing
	 * @return where the file's pages belong
	 * @throws CorruptDataException when the two do not fit, or the file is not of this
	 * database
	 */
	DatabasePages accept(LtxHeader header, StoredFile file) {
		String name = nameOf(file);
		if (!header.min().equals(file.key().name().min()) || !header.max().equals(file.key().name().max())) {
			throw new CorruptDataException(name + " holds TXIDs " + header.min() + " to " + header.max()
					+ ", which is not what its name says: it was stored under a wrong name, or is damaged");
		}
		DatabasePages database = this.pages;
		if (database == null) {
			requirePossible(header, name);
			database = new DatabasePages(this.target, header.pageSize(), header.commit());
			this.pages = database;
			this.page = new byte[header.pageSize()];
			this.progress.expectPages(header.commit());
		}
		if (header.pageSize() != database.pageSize()) {
			throw new CorruptDataException(name + " has pages of " + header.pageSize()
					+ " bytes, but the later files of the replica have pages of " + database.pageSize()
					+ ": they are not of one database");
		}
		return database;
	}

	/**
	 * A damaged size must not be taken for one that memory is needed for.
	 */
	private void requirePossible(LtxHeader header, String name) {
		long bytes = this.newestFirst.stream().mapToLong(StoredFile::size).sum();
		if (header.commit() - 1 > bytes / SHORTEST_RECORD) {
			throw new CorruptDataException(name + " says that the database has " + header.commit()
					+ " pages, but all the files that it is made of have only " + bytes + " bytes: it is damaged");
		}
	}

	/**
	 * Where the pages belong, once a header was accepted.
	 * @return the pages
	 */
	DatabasePages pages() {
		DatabasePages database = this.pages;
		if (database == null) {
			throw new IllegalStateException("no file was read before");
		}
		return database;
	}

	/**
	 * Room for one page.
	 * @return as long as the page size, once a header was accepted
	 */
	byte[] page() {
		return this.page;
	}

	/**
	 * All pages were put.
	 * @return what was written
	 * @throws CorruptDataException when one is missing
	 */
	WrittenDatabase finish() throws IOException {
		DatabasePages written = pages();
		written.finish();
		requireNoneMissing(written.firstMissing());
		return new WrittenDatabase(written.pageSize(), written.count(), written.checksum());
	}

	/**
	 * Fail when a page is in no file.
	 * @param page its number, 0 when there is none
	 */
	void requireNoneMissing(long page) {
		if (page != 0) {
			throw new CorruptDataException("Page " + page + " of the database's " + pages().count()
					+ " pages is in none of the files from " + this.newestFirst.get(this.newestFirst.size() - 1).key()
					+ " to " + this.newestFirst.get(0).key() + " of " + this.storage.url()
					+ ": its writer left it out; restore an earlier state");
		}
	}

}
