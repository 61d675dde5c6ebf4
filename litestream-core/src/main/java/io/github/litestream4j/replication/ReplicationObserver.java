package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.Locale;

/**
 * Is told what is done for one database, on the thread that did it: must return at once.
 * What it throws is logged once, and replication goes on.
 */
public interface ReplicationObserver {

	/** Listens to nothing. */
	ReplicationObserver NONE = new ReplicationObserver() {
	};

	/**
	 * One that never throws: what another one throws is told to the log, once.
	 * @param observer the other one
	 * @return tells it everything
	 */
	static ReplicationObserver guarded(ReplicationObserver observer) {
		return (observer instanceof GuardedObserver) ? observer : new GuardedObserver(observer);
	}

	/**
	 * Something succeeded.
	 * @param activity what
	 * @param took how long it took
	 */
	default void done(Activity activity, Duration took) {
	}

	/**
	 * Commits were copied out of the WAL.
	 * @param bytes how much of the WAL they are
	 */
	default void captured(long bytes) {
	}

	/**
	 * The history begins anew, since it cannot be proven that it goes on.
	 * @param reason for example {@code first-start}, one of a few
	 */
	default void generationBegan(String reason) {
	}

	/**
	 * Something failed.
	 * @param stage where
	 */
	default void failed(ErrorStage stage) {
	}

	/**
	 * What takes a time that is worth knowing.
	 */
	enum Activity {

		/** Storing one file of commits. */
		SYNC,

		/**
		 * Copying the WAL back into the database file; writers wait for its last part.
		 */
		CHECKPOINT,

		/** Storing the whole database. */
		SNAPSHOT,

		/** Merging stored files. */
		COMPACTION,

		/** Restoring the database before the application opens it. */
		RESTORE,

		/** Restoring the replica beside the database, to prove it. */
		VERIFICATION;

		/**
		 * The name for metrics and messages.
		 * @return in lower case
		 */
		public String id() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
