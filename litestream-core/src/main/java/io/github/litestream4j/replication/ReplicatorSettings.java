package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import io.github.litestream4j.history.HistorySettings;

import org.jspecify.annotations.Nullable;

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
 * @param newHistory the id of the replica that this database takes over, though it was
 * that of another one; {@code null} for none
 * @param history how long the replica's history is kept
 */
public record ReplicatorSettings(String name, Path database, String jdbcUrl, Map<String, String> connectionProperties,
		Path stagingDirectory, Duration syncInterval, Duration busyTimeout, CheckpointSettings checkpoint,
		@Nullable String newHistory, HistorySettings history) {

	public ReplicatorSettings {
		connectionProperties = Map.copyOf(connectionProperties);
	}

	/**
	 * Settings of a database that takes no replica over, with the defaults of its
	 * history.
	 * @param name what messages, threads and metrics call the database
	 * @param database the database file, absolute
	 * @param jdbcUrl the application's own URL of it, {@code jdbc:sqlite:…}
	 * @param connectionProperties the application's own connection properties
	 * @param stagingDirectory the folder of our own local files, absolute
	 * @param syncInterval least time between the starts of two uploads, 0 for none
	 * @param busyTimeout how long a connection waits for a lock
	 * @param checkpoint when the WAL is copied back
	 */
	public ReplicatorSettings(String name, Path database, String jdbcUrl, Map<String, String> connectionProperties,
			Path stagingDirectory, Duration syncInterval, Duration busyTimeout, CheckpointSettings checkpoint) {
		this(name, database, jdbcUrl, connectionProperties, stagingDirectory, syncInterval, busyTimeout, checkpoint,
				null, HistorySettings.DEFAULT);
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
				this.stagingDirectory, syncInterval, this.busyTimeout, this.checkpoint, this.newHistory, this.history);
	}

	public ReplicatorSettings with(CheckpointSettings checkpoint) {
		return new ReplicatorSettings(this.name, this.database, this.jdbcUrl, this.connectionProperties,
				this.stagingDirectory, this.syncInterval, this.busyTimeout, checkpoint, this.newHistory, this.history);
	}

	/**
	 * The same database, which takes a replica over.
	 * @param newHistory the replica's id, or {@code null} for none
	 * @return the settings
	 */
	public ReplicatorSettings withNewHistory(@Nullable String newHistory) {
		return new ReplicatorSettings(this.name, this.database, this.jdbcUrl, this.connectionProperties,
				this.stagingDirectory, this.syncInterval, this.busyTimeout, this.checkpoint, newHistory, this.history);
	}

	public ReplicatorSettings with(HistorySettings history) {
		return new ReplicatorSettings(this.name, this.database, this.jdbcUrl, this.connectionProperties,
				this.stagingDirectory, this.syncInterval, this.busyTimeout, this.checkpoint, this.newHistory, history);
	}

}
