package io.github.litestream4j.storage;

import io.github.litestream4j.ltx.LtxFileName;

/**
 * Where a file stands in a replica: its level and its name.
 *
 * @param level 0 for single transactions, 1 to 8 for merged ones, 9 for snapshots
 * @param name the range of transactions
 */
public record LtxKey(int level, LtxFileName name) {

	/** The level that holds snapshots and nothing else. */
	public static final int SNAPSHOT_LEVEL = 9;

	public LtxKey {
		if (level < 0 || level > SNAPSHOT_LEVEL) {
			throw new IllegalArgumentException("a level is 0 to " + SNAPSHOT_LEVEL + ", not " + level);
		}
	}

	@Override
	public String toString() {
		return "level " + this.level + " " + this.name;
	}

}
