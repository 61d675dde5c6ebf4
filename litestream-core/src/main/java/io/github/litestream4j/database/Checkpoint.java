package io.github.litestream4j.database;

/**
 * What a checkpoint did.
 *
 * @param frames how many committed frames the WAL has
 * @param copied how many of them are in the database file now
 */
public record Checkpoint(long frames, long copied) {

	/**
	 * Whether nothing is left in the WAL that the database file lacks.
	 * @return {@code true} also when there is no frame
	 */
	public boolean isComplete() {
		return this.copied >= this.frames;
	}

}
