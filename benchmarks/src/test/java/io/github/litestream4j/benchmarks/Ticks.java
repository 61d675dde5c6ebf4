package io.github.litestream4j.benchmarks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.random.RandomGenerator;

import io.github.litestream4j.ltx.LtxReader;

/**
 * Transactions whose number can be read back out of a stored file. Each writes its number
 * behind eight known bytes into the only row of a table of its own, and adds a row to a
 * larger table. A file of level 0 holds the newest image of each page that its commits
 * wrote, so the number in it tells which commits are stored with it. Not safe for use by
 * several threads.
 */
final class Ticks implements AutoCloseable {

	private static final long MAGIC = 0x9d1c_e7a2_43b8_f06bL;

	private static final int FIRST_ROWS = 10_000;

	private static final int TEXT_BYTES = 100;

	private final Connection connection;

	private final PreparedStatement tick;

	private final PreparedStatement entry;

	private final RandomGenerator random;

	private long last;

	private Ticks(Connection connection, RandomGenerator random) throws SQLException {
		this.connection = connection;
		this.random = random;
		this.connection.setAutoCommit(false);
		this.tick = connection.prepareStatement("UPDATE tick SET number = ? WHERE id = 1");
		this.entry = connection.prepareStatement("INSERT INTO entry(text) VALUES (?)");
	}

	/**
	 * Make the tables of a new database, and some rows, so that it is not empty.
	 * @param connection a connection to it, in autocommit
	 * @param random what texts are made of
	 */
	static void create(Connection connection, RandomGenerator random) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE tick(id INTEGER PRIMARY KEY, number BLOB NOT NULL)");
			statement.execute("CREATE TABLE entry(id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
			statement.execute("INSERT INTO tick VALUES (1, zeroblob(16))");
		}
		try (Ticks ticks = new Ticks(connection, random)) {
			for (int i = 0; i < FIRST_ROWS; i++) {
				ticks.add();
			}
			connection.commit();
		}
		connection.setAutoCommit(true);
	}

	/**
	 * Begin to write.
	 * @param connection a connection that nothing else uses, closed with this
	 * @param random what texts are made of
	 * @return the writer
	 */
	static Ticks on(Connection connection, RandomGenerator random) throws SQLException {
		return new Ticks(connection, random);
	}

	/**
	 * One transaction.
	 * @return its number, from 1 on
	 */
	long commit() throws SQLException {
		long number = this.last + 1;
		this.tick.setBytes(1, ByteBuffer.allocate(2 * Long.BYTES).putLong(MAGIC).putLong(number).array());
		this.tick.executeUpdate();
		add();
		this.connection.commit();
		this.last = number;
		return number;
	}

	private void add() throws SQLException {
		byte[] text = new byte[TEXT_BYTES];
		for (int i = 0; i < text.length; i++) {
			text[i] = (byte) this.random.nextInt('a', 'z' + 1);
		}
		this.entry.setString(1, new String(text, StandardCharsets.ISO_8859_1));
		this.entry.executeUpdate();
	}

	long last() {
		return this.last;
	}

	/**
	 * The number of the newest transaction in a stored file.
	 * @param file an LTX file, all of which is checked
	 * @return the number, or 0 when the file holds none
	 */
	static long newest(Path file) throws IOException {
		long newest = 0;
		try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
				LtxReader reader = new LtxReader(in, file.toString())) {
			byte[] page = new byte[reader.header().pageSize()];
			while (reader.nextPage(page) != 0) {
				newest = Math.max(newest, newest(page));
			}
		}
		return newest;
	}

	/**
	 * The largest number in a page: bytes that SQLite no longer uses may hold smaller
	 * ones.
	 */
	static long newest(byte[] page) {
		ByteBuffer bytes = ByteBuffer.wrap(page);
		long newest = 0;
		for (int i = 0; i + 2 * Long.BYTES <= page.length; i++) {
			if (page[i] == (byte) (MAGIC >>> 56) && bytes.getLong(i) == MAGIC) {
				newest = Math.max(newest, bytes.getLong(i + Long.BYTES));
			}
		}
		return newest;
	}

	@Override
	public void close() throws SQLException {
		this.tick.close();
		this.entry.close();
	}

}
