package io.github.litestream4j.restore;

import java.nio.file.Path;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;

/**
 * What to restore, and where to.
 *
 * @param target the database file to make; it must not exist, or be empty
 * @param txid the state to restore, or {@code null} for the latest or the time's
 * @param timestamp the time whose state to restore: the newest file that is not after it;
 * {@code null} for the latest or the TXID's
 * @param integrityCheck what is asked of the result before it is published
 * @param parallelism how many ranges are read at once, at least 1
 */
public record RestoreRequest(Path target, @Nullable Txid txid, @Nullable Instant timestamp,
		IntegrityCheck integrityCheck, int parallelism) {

	/** Used where nothing else is asked for. */
	public static final int DEFAULT_PARALLELISM = 8;

	public RestoreRequest {
		if (txid != null && timestamp != null) {
			throw new IllegalArgumentException("a restore is to a TXID or to a time, not to both");
		}
		if (parallelism < 1) {
			throw new IllegalArgumentException("parallelism must be at least 1, not " + parallelism);
		}
	}

	public static RestoreRequest latest(Path target) {
		return new RestoreRequest(target, null, null, IntegrityCheck.QUICK, DEFAULT_PARALLELISM);
	}

	public RestoreRequest to(Txid txid) {
		return new RestoreRequest(this.target, txid, null, this.integrityCheck, this.parallelism);
	}

	public RestoreRequest to(Instant timestamp) {
		return new RestoreRequest(this.target, null, timestamp, this.integrityCheck, this.parallelism);
	}

	public RestoreRequest with(IntegrityCheck integrityCheck) {
		return new RestoreRequest(this.target, this.txid, this.timestamp, integrityCheck, this.parallelism);
	}

}
