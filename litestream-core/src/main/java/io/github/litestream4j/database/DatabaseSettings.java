package io.github.litestream4j.database;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How our own connections to a database are opened: as the application opens its own.
 *
 * @param file the database file, absolute
 * @param jdbcUrl the application's URL of it
 * @param properties the application's connection properties
 * @param busyTimeout how long a lock is waited for
 */
public record DatabaseSettings(Path file, String jdbcUrl, Map<String, String> properties, Duration busyTimeout) {

}
