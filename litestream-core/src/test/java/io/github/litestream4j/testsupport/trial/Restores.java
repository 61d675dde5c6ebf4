package io.github.litestream4j.testsupport.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary.Outcome;
import io.github.litestream4j.testsupport.RingLedger;

/**
 * Restores a trial's replica into one file again and again, and checks each. Not safe for
 * use by several threads.
 */
final class Restores {

	private final TrialPlace place;

	private final Path target;

	Restores(TrialPlace place, String name) {
		this.place = place;
		this.target = place.folder().resolve(name);
	}

	Restored latest(ReplicaStorage storage, int parallelism) {
		return restore(storage, new RestoreRequest(this.target, null, null,
				RestoreRequest.latest(this.target).integrityCheck(), parallelism));
	}

	Restored to(ReplicaStorage storage, Txid txid, int parallelism) {
		return restore(storage, new RestoreRequest(this.target, txid, null,
				RestoreRequest.latest(this.target).integrityCheck(), parallelism));
	}

	Restored to(Txid txid) {
		return to(this.place.storage(), txid, RestoreRequest.DEFAULT_PARALLELISM);
	}

	Restored to(Instant time) {
		return restore(this.place.storage(), RestoreRequest.latest(this.target).to(time));
	}

	private Restored restore(ReplicaStorage storage, RestoreRequest request) {
		delete();
		RestoreResult result = new Restorer(storage).restore(request).orElseThrow();
		return new Restored(result.txid(), verify());
	}

	/**
	 * By the real Litestream.
	 * @param options what to restore
	 * @return the ledger's number
	 */
	long litestream(String... options) {
		delete();
		Outcome outcome = this.place.litestream().restore(this.place.litestreamUrl(), this.target, options);
		if (outcome.exitCode() != 0) {
			throw new AssertionError("Litestream ended with " + outcome.exitCode() + " for " + List.of(options) + ":\n"
					+ outcome.output());
		}
		return verify();
	}

	private long verify() {
		try {
			return RingLedger.verify(this.target);
		}
		catch (SQLException ex) {
			throw new AssertionError(this.target + " cannot be read", ex);
		}
	}

	private void delete() {
		try {
			for (String suffix : List.of("", "-wal", "-shm", "-journal", ".tmp")) {
				Files.deleteIfExists(this.target.resolveSibling(this.target.getFileName() + suffix));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What a restore gave.
	 *
	 * @param txid its state
	 * @param number the ledger's number there
	 */
	record Restored(Txid txid, long number) {

	}

}
