package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.litestream4j.restore.IntegrityCheck;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a user sets. Bound strictly: a key that is not one of these fails the start.
 *
 * @param enabled Whether the SQLite databases of the application are restored and
 * replicated.
 * @param replica where the copy is kept
 * @param databases Settings of single databases by the names of their DataSource beans,
 * with the same keys; they win over the general ones.
 * @param syncInterval Least time between two uploads. The first commit after a pause is
 * stored at once; 0 stores every commit at once.
 * @param busyTimeout How long a connection waits for a lock, on every connection.
 * @param stagingDirectory Folder of the local files that replication needs; a hidden one
 * beside the database file when it is not set. The text '{database}' stands for the
 * database's name.
 * @param checkpoint when the write-ahead log is copied back into the database file
 * @param compaction how the stored history is merged
 * @param level0Retention How long the file of a single sync is kept after it was merged.
 * @param snapshot when the whole database is stored, and how long that is kept
 * @param retention whether anything is deleted from the replica
 * @param verification how the replica is proven
 * @param restore what happens at the start
 * @param health when a database counts as unhealthy
 * @param shutdownTimeout How long the last sync of a shutdown may take, for all databases
 * together.
 */
@ConfigurationProperties(prefix = "litestream", ignoreUnknownFields = false)
public record LitestreamProperties(@DefaultValue("true") boolean enabled, @DefaultValue Replica replica,
		@DefaultValue Map<String, Database> databases, @DefaultValue("1s") Duration syncInterval,
		@DefaultValue("5s") Duration busyTimeout, @Nullable String stagingDirectory,
		@DefaultValue Checkpoint checkpoint, @DefaultValue Compaction compaction,
		@DefaultValue("5m") Duration level0Retention, @DefaultValue Snapshot snapshot,
		@DefaultValue Retention retention, @DefaultValue Verification verification, @DefaultValue Restore restore,
		@DefaultValue Health health, @DefaultValue("20s") Duration shutdownTimeout) {

	/**
	 * The settings of one database.
	 * @param beanName the name of its {@code DataSource} bean; case and punctuation may
	 * differ, for an environment variable has neither
	 */
	Database database(String beanName) {
		Database exact = this.databases.get(beanName);
		return (exact != null) ? exact
				: this.databases.entrySet()
					.stream()
					.filter((entry) -> isNamed(entry.getKey(), beanName))
					.map(Map.Entry::getValue)
					.findFirst()
					.orElse(Database.DEFAULT);
	}

	/**
	 * Whether settings are those of a bean.
	 */
	static boolean isNamed(String key, String beanName) {
		return uniform(key).equals(uniform(beanName));
	}

	private static String uniform(String name) {
		return name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
	}

	/**
	 * Where the copy is kept.
	 *
	 * @param url Place of the replica, 's3://bucket/prefix' or 'file:/folder'. The text
	 * '{database}' stands for the database's name.
	 * @param newHistory Id of the replica that this database takes over, with a new
	 * history after the one that is there, though the replica was that of another
	 * database. The message that refuses the replica names it.
	 */
	public record Replica(@Nullable String url, @Nullable String newHistory) {

	}

	/**
	 * When the write-ahead log is copied back into the database file.
	 *
	 * @param minPages Number of pages in the write-ahead log from which on it is copied
	 * back.
	 * @param interval Time after which a shorter write-ahead log is copied back, too.
	 * @param maxPages Number of pages that the file of the write-ahead log is cut back to
	 * after it was larger.
	 */
	public record Checkpoint(@DefaultValue("1000") int minPages, @DefaultValue("1m") Duration interval,
			@DefaultValue("121359") int maxPages) {

	}

	/**
	 * How the stored history is merged.
	 *
	 * @param levels How often the files of each level are merged into the next one, from
	 * level 1 on, ascending, at most 8 of them. The further back, the coarser are the
	 * states that can be restored. Nothing is merged when it is empty.
	 */
	public record Compaction(@DefaultValue( {
			"30s", "5m", "1h" }) List<Duration> levels){

	}

	/**
	 * When the whole database is stored, and how long that is kept.
	 *
	 * @param interval How often the whole database is stored, counted from the newest
	 * snapshot in the replica; 0 for only when a history begins.
	 * @param retention How far back the database can be restored.
	 */
	public record Snapshot(@DefaultValue("24h") Duration interval, @DefaultValue("24h") Duration retention) {

	}

	/**
	 * Whether anything is deleted from the replica.
	 *
	 * @param enabled Whether files that no restore needs any more are deleted. The
	 * replica needs no right to delete when they are not.
	 * @param dryRun Whether what would be deleted is logged instead.
	 */
	public record Retention(@DefaultValue("true") boolean enabled, @DefaultValue("false") boolean dryRun) {

	}

	/**
	 * How the replica is proven.
	 *
	 * @param interval How often the replica is restored aside, checked, and compared with
	 * the database; 0 for never.
	 */
	public record Verification(@DefaultValue("24h") Duration interval) {

	}

	/**
	 * What happens at the start.
	 *
	 * @param onStartup When the database is restored before the application opens it.
	 * @param timestamp Time whose state is restored instead of the latest.
	 * @param txid TXID of 16 hex digits whose state is restored instead of the latest.
	 * @param integrityCheck What SQLite is asked about a restored database before it is
	 * used.
	 * @param parallelism Number of ranges that are read from the replica at once.
	 */
	public record Restore(@DefaultValue("if-missing") OnStartup onStartup, @Nullable Instant timestamp,
			@Nullable String txid, @DefaultValue("quick") IntegrityCheck integrityCheck,
			@DefaultValue("8") int parallelism) {

	}

	/**
	 * When a database counts as unhealthy.
	 *
	 * @param maxLag Age of the oldest commit that is not stored, above which the database
	 * is out of service. Where it is not set, and twice the sync interval is longer, it
	 * is that.
	 */
	public record Health(@Nullable Duration maxLag) {

	}

	/**
	 * Settings of one database; what is not set is taken from the general settings.
	 *
	 * @param enabled Whether this DataSource is replicated; otherwise it is left alone.
	 * @param path Database file. Needed for a DataSource that the application makes
	 * itself, because the file is restored before the bean is made.
	 * @param replica where the copy is kept
	 * @param syncInterval Least time between two uploads.
	 * @param busyTimeout How long a connection waits for a lock, on every connection.
	 * @param stagingDirectory Folder of the local files that replication needs.
	 * @param checkpoint when the write-ahead log is copied back into the database file
	 * @param compaction how the stored history is merged
	 * @param level0Retention How long the file of a single sync is kept after it was
	 * merged.
	 * @param snapshot when the whole database is stored, and how long that is kept
	 * @param retention whether anything is deleted from the replica
	 * @param verification how the replica is proven
	 * @param restore what happens at the start
	 * @param health when the database counts as unhealthy
	 */
	public record Database(@DefaultValue("true") boolean enabled, @Nullable String path, @DefaultValue Replica replica,
			@Nullable Duration syncInterval, @Nullable Duration busyTimeout, @Nullable String stagingDirectory,
			@DefaultValue DatabaseCheckpoint checkpoint, @DefaultValue DatabaseCompaction compaction,
			@Nullable Duration level0Retention, @DefaultValue DatabaseSnapshot snapshot,
			@DefaultValue DatabaseRetention retention, @DefaultValue DatabaseVerification verification,
			@DefaultValue DatabaseRestore restore, @DefaultValue DatabaseHealth health) {

		static final Database DEFAULT = new Database(true, null, new Replica(null, null), null, null, null,
				new DatabaseCheckpoint(null, null, null), new DatabaseCompaction(null), null,
				new DatabaseSnapshot(null, null), new DatabaseRetention(null, null), new DatabaseVerification(null),
				new DatabaseRestore(null, null, null, null, null), new DatabaseHealth(null));

		/**
		 * Whether anything is set that a second DataSource of the same file would have to
		 * share.
		 */
		boolean hasOwnSettings() {
			return !equals(new Database(this.enabled, this.path, DEFAULT.replica, null, null, null, DEFAULT.checkpoint,
					DEFAULT.compaction, null, DEFAULT.snapshot, DEFAULT.retention, DEFAULT.verification,
					DEFAULT.restore, DEFAULT.health));
		}

	}

	/**
	 * When the write-ahead log of one database is copied back.
	 *
	 * @param minPages Number of pages in the write-ahead log from which on it is copied
	 * back.
	 * @param interval Time after which a shorter write-ahead log is copied back, too.
	 * @param maxPages Number of pages that the file of the write-ahead log is cut back to
	 * after it was larger.
	 */
	public record DatabaseCheckpoint(@Nullable Integer minPages, @Nullable Duration interval,
			@Nullable Integer maxPages) {

	}

	/**
	 * How the stored history of one database is merged.
	 *
	 * @param levels How often the files of each level are merged into the next one.
	 */
	public record DatabaseCompaction(@Nullable List<Duration> levels) {

	}

	/**
	 * When the whole of one database is stored, and how long that is kept.
	 *
	 * @param interval How often the whole database is stored; 0 for only when a history
	 * begins.
	 * @param retention How far back the database can be restored.
	 */
	public record DatabaseSnapshot(@Nullable Duration interval, @Nullable Duration retention) {

	}

	/**
	 * Whether anything is deleted from the replica of one database.
	 *
	 * @param enabled Whether files that no restore needs any more are deleted.
	 * @param dryRun Whether what would be deleted is logged instead.
	 */
	public record DatabaseRetention(@Nullable Boolean enabled, @Nullable Boolean dryRun) {

	}

	/**
	 * How the replica of one database is proven.
	 *
	 * @param interval How often the replica is restored aside, checked, and compared with
	 * the database; 0 for never.
	 */
	public record DatabaseVerification(@Nullable Duration interval) {

	}

	/**
	 * What happens to one database at the start.
	 *
	 * @param onStartup When the database is restored before the application opens it.
	 * @param timestamp Time whose state is restored instead of the latest.
	 * @param txid TXID of 16 hex digits whose state is restored instead of the latest.
	 * @param integrityCheck What SQLite is asked about a restored database before it is
	 * used.
	 * @param parallelism Number of ranges that are read from the replica at once.
	 */
	public record DatabaseRestore(@Nullable OnStartup onStartup, @Nullable Instant timestamp, @Nullable String txid,
			@Nullable IntegrityCheck integrityCheck, @Nullable Integer parallelism) {

	}

	/**
	 * When one database counts as unhealthy.
	 *
	 * @param maxLag Age of the oldest commit that is not stored, above which the database
	 * is out of service.
	 */
	public record DatabaseHealth(@Nullable Duration maxLag) {

	}

	/**
	 * When a database is restored before the application opens it.
	 */
	public enum OnStartup {

		/** Never. */
		NEVER,

		/** When its file is missing or empty. */
		IF_MISSING,

		/** Also when its file is older than the replica. */
		IF_BEHIND

	}

}
