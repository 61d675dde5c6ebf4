package io.github.litestream4j.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A database file that may be made now, and goes again when its start fails before it was
 * used.
 */
public final class NewDatabase {

	private static final int HEADER = 100;

	/** sqlite.org/fileformat2.html section 1.3.9: counts the changes of the schema. */
	private static final int SCHEMA_COOKIE = 40;

	private final Path file;

	private final boolean missing;

	private NewDatabase(Path file, boolean missing) {
		this.file = file;
		this.missing = missing;
	}

	/**
	 * To be called before the database is opened.
	 * @param file where it is or will be
	 * @return what to call when its start failed
	 */
	public static NewDatabase at(Path file) {
		return new NewDatabase(file, Files.notExists(file));
	}

	/**
	 * Delete the file, and what belongs to it, when it was not there before and holds
	 * nothing. To be called after the last connection was closed.
	 * @throws IOException when it cannot be read or deleted
	 */
	public void removeIfUnused() throws IOException {
		if (!this.missing || Files.notExists(this.file)) {
			return;
		}
		Path wal = LiveDatabase.sibling(this.file, "-wal");
		if (hasNothing(wal) && holdsNothing()) {
			for (Path one : List.of(wal, LiveDatabase.sibling(this.file, "-shm"), this.file)) {
				Files.deleteIfExists(one);
			}
		}
	}

	private static boolean hasNothing(Path file) throws IOException {
		return Files.notExists(file) || Files.size(file) == 0;
	}

	/** Its first page has the schema, which somebody else may have written to by now. */
	private boolean holdsNothing() throws IOException {
		long size = Files.size(this.file);
		if (size == 0) {
			return true;
		}
		ByteBuffer header = ByteBuffer.allocate(HEADER);
		int pageSize = DatabaseHeader.check(this.file).map(DatabaseHeader::pageSize).orElse(0);
		return size == pageSize && PageFile.of(this.file).read(header.array(), 0) == HEADER
				&& header.getInt(SCHEMA_COOKIE) == 0;
	}

}
