package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;

import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Asks whether a file is a sound SQLite database, without changing a byte in it or
 * leaving anything beside it.
 */
final class DatabaseCheck {

	private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

	private static final int PAGE_SIZE = 16;

	private static final int LISTED = 10;

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
	 * Let SQLite check a database that nobody has open.
	 * @param file the database
	 * @param check how thoroughly
	 * @param name what a message calls it
	 * @throws CorruptDataException when SQLite finds something wrong
	 */
	static void integrity(Path file, IntegrityCheck check, String name) {
		if (check == IntegrityCheck.NONE) {
			return;
		}
		String pragma = (check == IntegrityCheck.FULL) ? "integrity_check" : "quick_check";
		// immutable: no locks, no -wal and no -shm, also when the database is in WAL mode
		String url = JDBC.PREFIX + file.toUri().toASCIIString().replace("file:///", "file:/") + "?immutable=1";
		List<String> problems = new ArrayList<>();
		try (Connection connection = JDBC.createConnection(url, new Properties());
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("PRAGMA " + pragma + "(" + LISTED + ")")) {
			while (rows.next()) {
				problems.add(rows.getString(1));
			}
		}
		catch (SQLException ex) {
			if (ex instanceof SQLiteException sqlite && isDamage(sqlite.getResultCode())) {
				throw new CorruptDataException(name + " is damaged: " + pragma + " ended with " + ex.getMessage(), ex);
			}
			throw new LitestreamException("SQLite could not run " + pragma + " on " + name + ": " + ex.getMessage()
					+ "; when the database needs functions or collations of the application, restore it without an "
					+ "integrity check", ex);
		}
		if (!problems.equals(List.of("ok"))) {
			throw new CorruptDataException(name + " is damaged, " + pragma + " says: " + String.join("; ", problems));
		}
	}

	private static boolean isDamage(SQLiteErrorCode code) {
		return (code.code & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB;
	}

}
