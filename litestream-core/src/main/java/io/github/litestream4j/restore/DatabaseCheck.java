package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Properties;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;

import org.sqlite.JDBC;
import org.sqlite.ProgressHandler;

/**
 * Asks whether a file is a sound SQLite database, without changing a byte in it or
 * leaving anything beside it.
 */
final class DatabaseCheck {

	private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

	private static final int PAGE_SIZE = 16;

	/** How many of SQLite's steps pass between two looks at the thread's flag. */
	private static final int STEPS = 100_000;

	private DatabaseCheck() {
	}

	/**
	 * Look at the first bytes.
	 * @param file the database
	 * @param pageSize what its page size must be
	 * @param name what a message calls it
	 * @throws IOException when it cannot be read
	 * @throws CorruptDataException when it is no SQLite database of that page size
	 */
	static void header(FileChannel file, int pageSize, String name) throws IOException {
		ByteBuffer bytes = ByteBuffer.allocate(PAGE_SIZE + Short.BYTES);
		int position = 0;
		while (bytes.hasRemaining() && position >= 0) {
			int count = file.read(bytes, position);
			position = (count < 0) ? -1 : position + count;
		}
		byte[] magic = new byte[MAGIC.length];
		bytes.flip().get(magic, 0, Math.min(magic.length, bytes.limit()));
		if (!Arrays.equals(magic, MAGIC)) {
			throw new CorruptDataException(name + " is no SQLite database: its first page does not begin as one must");
		}
		int found = Short.toUnsignedInt(bytes.getShort(PAGE_SIZE));
		found = (found == 1) ? 65536 : found;
		if (found != pageSize) {
			throw new CorruptDataException(
					name + " has files with pages of " + pageSize + " bytes, but the database in them says " + found);
		}
	}

	/**
	 * Let SQLite check a database that nobody has open. What it cannot look at, because
	 * that needs a collation, function or module that the application registers, is no
	 * damage: the rest is checked, and a warning names what was not.
	 * @param file the database
	 * @param check how thoroughly
	 * @param name what a message calls it
	 * @throws CorruptDataException when SQLite finds something wrong
	 * @throws LitestreamException when SQLite cannot check it, or the thread is
	 * interrupted
	 */
	static void integrity(Path file, IntegrityCheck check, String name) {
		if (check == IntegrityCheck.NONE) {
			return;
		}
		// immutable: no locks, no -wal and no -shm, also when the database is in WAL mode
		String url = JDBC.PREFIX + file.toUri().toASCIIString().replace("file:///", "file:/") + "?immutable=1";
		try (Connection connection = JDBC.createConnection(url, new Properties())) {
			ProgressHandler.setHandler(connection, STEPS, new EndOnInterrupt());
			new SqliteCheck(connection, name)
				.run((check == IntegrityCheck.FULL) ? SqliteCheck.FULL : SqliteCheck.QUICK);
		}
		catch (SQLException ex) {
			throw new LitestreamException("SQLite could not check " + name + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * SQLite itself cannot be interrupted, and a large database takes it minutes.
	 */
	private static final class EndOnInterrupt extends ProgressHandler {

		@Override
		protected int progress() {
			return Thread.currentThread().isInterrupted() ? 1 : 0;
		}

	}

}
