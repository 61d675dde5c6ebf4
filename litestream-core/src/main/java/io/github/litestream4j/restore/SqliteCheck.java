package io.github.litestream4j.restore;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * SQLite's own checks of a database. SQLite gives a check up as a whole when one index
 * needs what it does not know here: then each table is checked by itself.
 *
 * @param connection to the database
 * @param name what a message calls it
 */
record SqliteCheck(Connection connection, String name) {

	private static final Logger logger = LoggerFactory.getLogger(SqliteCheck.class);

	static final String QUICK = "quick_check";

	static final String FULL = "integrity_check";

	private static final int LISTED = 10;

	/**
	 * All but collations, which have a code of their own too, SQLite tells by words
	 * alone, and the driver writes a text of its own before them.
	 */
	private static final Pattern UNKNOWN = Pattern
		.compile("(unknown function|no such (function|module|collation sequence)): .*?(?=\\)?$)");

	/**
	 * Check it.
	 * @param pragma {@link #QUICK} or {@link #FULL}
	 * @throws SQLException when the check could not be run
	 * @throws CorruptDataException when something is wrong
	 */
	void run(String pragma) throws SQLException {
		try {
			check(pragma, Integer.toString(LISTED));
		}
		catch (SQLiteException ex) {
			String unknown = unknownHere(ex).orElseThrow(() -> ex);
			List<String> passedOver = new ArrayList<>();
			for (String table : tables()) {
				checkTable(pragma, table, passedOver);
			}
			logger.warn("{}: {} passed over {}: only the application registers what that needs ({}). All else is sound",
					this.name, pragma, String.join(", ", passedOver), unknown);
		}
	}

	/**
	 * The check of the schema is that of the free pages, too.
	 */
	private List<String> tables() throws SQLException {
		List<String> tables = new ArrayList<>(List.of("sqlite_schema"));
		try (Statement statement = this.connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
			while (rows.next()) {
				tables.add(rows.getString(1));
			}
		}
		return tables;
	}

	/**
	 * A quick check does without the functions of an index, whose pages it reads all the
	 * same.
	 */
	private void checkTable(String pragma, String table, List<String> passedOver) throws SQLException {
		try {
			check(pragma, "'" + table.replace("'", "''") + "'");
		}
		catch (SQLiteException ex) {
			if (unknownHere(ex).isEmpty()) {
				throw ex;
			}
			if (pragma.equals(QUICK)) {
				passedOver.add("table " + table);
				return;
			}
			int before = passedOver.size();
			checkTable(QUICK, table, passedOver);
			if (passedOver.size() == before) {
				passedOver.add("the indexes of " + table);
			}
		}
	}

	private void check(String pragma, String argument) throws SQLException {
		List<String> problems = new ArrayList<>();
		try (Statement statement = this.connection.createStatement();
				ResultSet rows = statement.executeQuery("PRAGMA " + pragma + "(" + argument + ")")) {
			while (rows.next()) {
				problems.add(rows.getString(1));
			}
		}
		catch (SQLiteException ex) {
			throw judged(pragma, ex);
		}
		if (!problems.equals(List.of("ok"))) {
			throw new CorruptDataException(
					this.name + " is damaged, " + pragma + " says: " + String.join("; ", problems));
		}
	}

	private SQLiteException judged(String pragma, SQLiteException ex) {
		SQLiteErrorCode code = ex.getResultCode();
		if ((code.code & 0xff) == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB) {
			throw new CorruptDataException(this.name + " is damaged: " + pragma + " ended with " + ex.getMessage(), ex);
		}
		if (code == SQLiteErrorCode.SQLITE_INTERRUPT) {
			throw new LitestreamException("The check of " + this.name + " was interrupted", ex);
		}
		return ex;
	}

	private static Optional<String> unknownHere(SQLiteException ex) {
		SQLiteErrorCode code = ex.getResultCode();
		if (code != SQLiteErrorCode.SQLITE_ERROR_MISSING_COLLSEQ && code != SQLiteErrorCode.SQLITE_ERROR) {
			return Optional.empty();
		}
		Matcher matcher = UNKNOWN.matcher(String.valueOf(ex.getMessage()));
		return matcher.find() ? Optional.of(matcher.group()) : Optional.empty();
	}

}
