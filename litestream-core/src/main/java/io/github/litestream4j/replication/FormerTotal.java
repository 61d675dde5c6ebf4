package io.github.litestream4j.replication;

/**
 * Nothing is known of the former pages but the checksum of them all: whether any of them
 * has changed can be told at the end.
 *
 * @param checksum the database's checksum at the position that was lost
 */
record FormerTotal(long checksum) implements FormerPages {

	@Override
	public boolean differs(long page, long checksum) {
		return false;
	}

	@Override
	public void end(long total) {
		if (total != this.checksum) {
			throw new ContinuityLostException("wal-restarted",
					"the database has the checksum %016x, and had %016x where it was left, and which pages differ is not known"
						.formatted(total, this.checksum));
		}
	}

	@Override
	public void close() {
		// Nothing is open
	}

}
