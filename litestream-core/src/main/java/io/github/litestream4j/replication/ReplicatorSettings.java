package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How one database is replicated.
 *
 * @param name what messages, threads and metrics call the database
 * @param database the database file, absolute
 * @param jdbcUrl the application's own URL of it, {@code jdbc:sqlite:…}
 * @param connectionProperties the application's own connection properties
 * @param stagingDirectory the folder of our own local files, absolute; made when missing
 * @param syncInterval least time between the starts of two uploads, 0 for none
 * @param busyTimeout how long a connection waits for a lock
 * @param checkpoint when the WAL is copied back
 */
public record ReplicatorSettings(String name, Path database, String jdbcUrl, Map<String, String> connectionProperties,
		Path stagingDirectory, Duration syncInterval, Duration busyTimeout, CheckpointSettings checkpoint) {

	public ReplicatorSettings {
		connectionProperties = Map.copyOf(connectionProperties);
	}

	/**
	 * Settings with the defaults of the properties.
	 * @param name the database's name
	 * @param database the database file
	 * @return the settings
	 */
	public static ReplicatorSettings of(String name, Path database) {
		Path file = database.toAbsolutePath().normalize();
		return new ReplicatorSettings(name, file, "jdbc:sqlite:" + file, Map.of(), defaultStagingDirectory(file),
				Duration.ofSeconds(1), Duration.ofSeconds(5), CheckpointSettings.DEFAULT);
	}

	/**
	 * The staging folder where none is configured: {@code .<file>-litestream} beside the
	 * database file.
	 * @param database the database file
	 * @return the folder
	 */
	public static Path defaultStagingDirectory(Path database) {
		return database.resolveSibling("." + database.getFileName() + "-litestream");
	}

	public ReplicatorSettings withSyncInterval(Duration syncInterval) {
		return new ReplicatorSettings(this.name, this.database, this.jdbcUrl, this.connectionProperties,
				this.stagingDirectory, syncInterval, this.busyTimeout, this.checkpoint);
	}

	public ReplicatorSettings with(CheckpointSettings checkpoint) {
		return new ReplicatorSettings(this.name, this.database, this.jdbcUrl, this.connectionProperties,
				this.stagingDirectory, this.syncInterval, this.busyTimeout, checkpoint);
	}

}
