package io.github.litestream4j.restore;

/**
 * What SQLite is asked about a restored database before it is published.
 */
public enum IntegrityCheck {

	/** Nothing beyond the files' own checksums. */
	NONE,

	/** {@code PRAGMA quick_check}. */
	QUICK,

	/** {@code PRAGMA integrity_check}. */
	FULL

}
