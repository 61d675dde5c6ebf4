package io.github.litestream4j.torture;

/**
 * What happens to a database while its application is not there.
 */
enum Away {

	/** Nothing. */
	NOTHING(false),

	/** Another process opens and closes it, and changes nothing. */
	OPENED(false),

	/** Another process writes to it. */
	WRITTEN(false),

	/** Another process writes to it, and is still there when the application comes. */
	WRITTEN_AND_HELD(false),

	/** Another process copies the WAL back. */
	CHECKPOINTED(false),

	/** The staging folder is lost. */
	LOST_STAGING(true),

	/** The database is lost, and the staging folder is not. */
	LOST_DATABASE(false),

	/** Both are lost. */
	LOST_MACHINE(false),

	/** A file of the replica is lost. */
	LOST_FILE(true),

	/** Somebody restored an older state by hand. */
	OLDER_DATABASE(true);

	private final boolean needsSnapshot;

	Away(boolean needsSnapshot) {
		this.needsSnapshot = needsSnapshot;
	}

	/**
	 * Whether a snapshot is a right answer to it.
	 */
	boolean needsSnapshot() {
		return this.needsSnapshot;
	}

	/**
	 * Whether the application comes back without its database.
	 */
	boolean losesDatabase() {
		return this == LOST_DATABASE || this == LOST_MACHINE;
	}

}
