package io.github.litestream4j.replication;

import java.util.Locale;

/**
 * Where in its way from a commit to the replica something failed. Those that come first
 * hold up those that come later.
 */
public enum ErrorStage {

	/** Reading what is committed: the WAL, its index, the database file. */
	CAPTURE,

	/** Writing, syncing and removing our own local files. */
	STAGING,

	/** Storing a transaction in the replica. */
	UPLOAD,

	/** Making and storing a snapshot. */
	SNAPSHOT,

	/** Merging stored files. */
	COMPACTION,

	/** Deleting what no kept state needs. */
	RETENTION,

	/** Restoring the replica aside to prove it. */
	VERIFICATION,

	/** Copying the WAL back into the database file. */
	CHECKPOINT,

	/** Reading all pages for their checksums. */
	CHECKSUMS,

	/** What was read of the database file is not what was committed: it is damaged. */
	DATABASE;

	/**
	 * The name for metrics and messages.
	 * @return in lower case
	 */
	public String id() {
		return name().toLowerCase(Locale.ROOT);
	}

}
