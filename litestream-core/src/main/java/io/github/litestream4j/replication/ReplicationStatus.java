package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;

import org.jspecify.annotations.Nullable;

/**
 * Where one database stands, as last published by its replicator. Reading it costs
 * nothing.
 *
 * @param database the database's name
 * @param path the database file
 * @param replica the replica's URL, without credentials
 * @param state what the replicator is doing
 * @param txid the last transaction captured into local staging
 * @param replicatedTxid the end of the contiguous stored history
 * @param lag the age of the oldest commit that is not stored, 0 when all is stored; while
 * nothing can be captured, at least the time since something could, for what was
 * committed since is not known
 * @param walBytes the live bytes of the WAL
 * @param stagingBytes what waits in local staging
 * @param lastSync when a file was last stored, or {@code null}
 * @param failure what fails at this moment, or {@code null}
 * @param errors what has failed since the replicator was opened, counted
 * @param generation the id of the generation that is being written, {@code null} as long
 * as it has no record
 */
public record ReplicationStatus(String database, Path path, String replica, State state, Txid txid, Txid replicatedTxid,
		Duration lag, long walBytes, long stagingBytes, @Nullable Instant lastSync, @Nullable String failure,
		ReplicationErrors errors, @Nullable String generation) {

	/**
	 * How many captured transactions (TXIDs) are not stored yet.
	 * @return 0 when all is stored
	 */
	public long lagTransactions() {
		return Math.max(0, this.txid.value() - this.replicatedTxid.value());
	}

	/**
	 * The failure that came last, whether it was overcome or not.
	 * @return {@code null} when nothing ever failed
	 */
	public @Nullable StageErrors lastError() {
		return this.errors.last().orElse(null);
	}

	/**
	 * What a replicator is doing.
	 */
	public enum State {

		/** Opened, not yet started, or stopped again. */
		STOPPED,

		/** Storing each commit. */
		RUNNING,

		/** Something fails and is tried again. */
		FAILING,

		/** Another writer owns the replica: nothing is stored any more. */
		FENCED

	}

}
