package io.github.litestream4j.session;

import java.time.Instant;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestoreRequest;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a missing database file at the start.
 *
 * @param ifMissing whether it is restored from the replica
 * @param txid the state to restore, or {@code null}
 * @param timestamp the time whose state to restore, or {@code null}
 * @param integrityCheck what is asked of the result
 * @param parallelism how many ranges are read at once
 */
public record RestoreSettings(boolean ifMissing, @Nullable Txid txid, @Nullable Instant timestamp,
		IntegrityCheck integrityCheck, int parallelism) {

	/** What the properties default to. */
	public static final RestoreSettings DEFAULT = new RestoreSettings(true, null, null, IntegrityCheck.QUICK,
			RestoreRequest.DEFAULT_PARALLELISM);

}
