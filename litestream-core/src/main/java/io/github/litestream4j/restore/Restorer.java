package io.github.litestream4j.restore;

import java.util.Optional;

import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Makes a database out of a replica's files.
 */
public final class Restorer {

	private final ReplicaStorage storage;

	public Restorer(ReplicaStorage storage) {
		this.storage = storage;
	}

	/**
	 * Restore into a file that is not there yet (or is empty): beside it first, verified,
	 * synced, then renamed.
	 * @param request what, and where to
	 * @return what was done; empty only when every listing succeeded and the replica
	 * holds no file at all
	 */
	public Optional<RestoreResult> restore(RestoreRequest request) {
		throw new UnsupportedOperationException(this.storage.url());
	}

}
