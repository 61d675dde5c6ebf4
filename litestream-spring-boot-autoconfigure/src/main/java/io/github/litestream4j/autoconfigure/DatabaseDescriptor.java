package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.replication.DamagedGeneration;
import io.github.litestream4j.replication.GenerationSpan;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.SnapshotResult;
import io.github.litestream4j.replication.StageErrors;
import io.github.litestream4j.storage.StoredFile;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint says of one database. That something is {@code null} is said, too,
 * which the actuator by itself would leave out.
 *
 * @param path the database file
 * @param replica the replica's URL, without credentials
 * @param role {@code writer}
 * @param status {@code running}, {@code failing}, {@code fenced} or {@code stopped}
 * @param generation the id of the generation that is being written, {@code null} as long
 * as it has no record
 * @param txid the last transaction captured
 * @param replicatedTxid the last transaction up to which everything is stored
 * @param lag what is not stored
 * @param walBytes the live part of the write-ahead log
 * @param stagingBytes local files that wait to be stored
 * @param lastSync when a file was last stored, {@code null} when none was
 * @param lastError the failure that came last, {@code null} when nothing ever failed
 * @param lastVerification what the last restore drill found, {@code null} when there was
 * none
 */
@JsonInclude
record DatabaseDescriptor(String path, String replica, String role, String status, @Nullable String generation,
		String txid, String replicatedTxid, Lag lag, long walBytes, long stagingBytes, @Nullable Instant lastSync,
		@Nullable LastError lastError, @Nullable Drill lastVerification) implements OperationResponseBody {

	static DatabaseDescriptor of(ReplicationStatus status, @Nullable DrillResult drill) {
		StageErrors error = status.lastError();
		return new DatabaseDescriptor(status.path().toString(), status.replica(), "writer",
				status.state().name().toLowerCase(Locale.ROOT), status.generation(), status.txid().toString(),
				status.replicatedTxid().toString(), new Lag(status.lagTransactions(), inSeconds(status.lag())),
				status.walBytes(), status.stagingBytes(), status.lastSync(),
				(error != null) ? LastError.of(error) : null, (drill != null) ? Drill.of(drill) : null);
	}

	private static double inSeconds(Duration time) {
		return time.toMillis() / 1000.0;
	}

	/**
	 * What is not stored.
	 *
	 * @param transactions how many captured transactions
	 * @param seconds the age of the oldest commit
	 */
	record Lag(long transactions, double seconds) {

	}

	/**
	 * The failure that came last.
	 *
	 * @param stage what failed
	 * @param message what it said
	 * @param time when that was
	 * @param count how often that stage has failed since the start
	 * @param overcome whether it has succeeded since
	 */
	record LastError(String stage, String message, Instant time, long count, boolean overcome) {

		static LastError of(StageErrors error) {
			return new LastError(error.stage().id(), error.message(), error.time(), error.count(), error.overcome());
		}

	}

	/**
	 * What a restore drill found.
	 *
	 * @param passed whether all was as it must be
	 * @param txid the state that it restored
	 * @param startedAt when it began
	 * @param seconds how long it took
	 * @param bytesRead how much it read from the storage
	 * @param failure what was not as it must be, {@code null} when it passed
	 */
	@JsonInclude
	record Drill(boolean passed, String txid, Instant startedAt, double seconds, long bytesRead,
			@Nullable String failure) implements OperationResponseBody {

		static Drill of(DrillResult result) {
			return new Drill(result.passed(), result.txid().toString(), result.at(), inSeconds(result.took()),
					result.bytes(), result.failure());
		}

	}

	/**
	 * One generation.
	 *
	 * @param id a UUID
	 * @param firstTxid its first transaction
	 * @param lastTxid its last one that is stored
	 * @param startedAt when it began
	 * @param reason why the history began anew
	 * @param current whether it is the one that is being written
	 * @param damage what is wrong with its record, which then says nothing else;
	 * {@code null}, and left out, when nothing is
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	record Generation(@Nullable String id, String firstTxid, String lastTxid, @Nullable Instant startedAt,
			@Nullable String reason, boolean current, @Nullable String damage) {

		static Generation of(GenerationSpan span) {
			return new Generation(span.generation().id(), span.generation().firstTxid().toString(),
					span.lastTxid().toString(), span.generation().startedAt(), span.generation().reason(),
					span.current(), null);
		}

		static Generation of(DamagedGeneration damaged) {
			return new Generation(null, damaged.firstTxid().toString(), damaged.lastTxid().toString(), null, null,
					false, damaged.damage());
		}

	}

	/**
	 * One stored snapshot.
	 *
	 * @param txid the last transaction in it
	 * @param createdAt when it was stored
	 * @param size in bytes, as it is stored
	 */
	record Snapshot(String txid, Instant createdAt, long size) {

		static Snapshot of(StoredFile file) {
			return new Snapshot(file.key().name().max().toString(), file.lastModified(), file.size());
		}

	}

	/**
	 * A snapshot that was asked for.
	 *
	 * @param txid the last transaction in it
	 * @param size in bytes, as it is stored
	 * @param createdAt when its newest transaction was captured
	 * @param existed whether it was there already
	 */
	record Taken(String txid, long size, Instant createdAt, boolean existed) implements OperationResponseBody {

		static Taken of(SnapshotResult result) {
			return new Taken(result.txid().toString(), result.size(), result.time(), result.existed());
		}

	}

	/**
	 * What is stored.
	 *
	 * @param txid the last transaction up to which everything is stored
	 */
	record Synced(String txid) implements OperationResponseBody {

	}

}
