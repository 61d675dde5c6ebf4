package io.github.litestream4j.database;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Opens a connection of ours, again when the one before has become of no use.
 */
@FunctionalInterface
interface ConnectionSource {

	Connection open() throws SQLException;

}
