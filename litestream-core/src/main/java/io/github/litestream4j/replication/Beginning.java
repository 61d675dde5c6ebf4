package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import io.github.litestream4j.wal.WalIndexHeader;

import org.jspecify.annotations.Nullable;

/**
 * Decides, at the start, whether a database's history goes on where it was left.
 *
 * @param position where it goes on, or {@code null} when a snapshot must begin it anew
 * @param reason why a snapshot is needed
 * @param staged what is captured and not stored, in order
 */
record Beginning(@Nullable CapturePosition position, String reason, List<StagedFile> staged) {

	private static final String WAL_RESTARTED = "wal-restarted";

	private static Beginning anew(String reason, List<StagedFile> staged) {
		return new Beginning(null, reason, staged);
	}

	/**
	 * Whether the replica, with what is staged, ends at the lost position, so that the
	 * pages that differ from it are enough to go on.
	 */
	boolean isComparable() {
		return this.reason.equals(WAL_RESTARTED);
	}

	/**
	 * Find out. The writers are locked out and the guard is held meanwhile.
	 * @param database the database
	 * @param history what the replica holds
	 * @param stagedFiles what the replica is to be given, see {@link StagedHistory};
	 * empty when another writer has gone on there
	 * @param former the position that was left, if any
	 * @param restored the TXID that the database was restored at just now, if it was
	 */
	static Beginning of(LiveDatabase database, ReplicaHistory history, Optional<List<StagedFile>> stagedFiles,
			Optional<CapturePosition> former, @Nullable Txid restored) throws IOException {
		WalIndexHeader index = database.index();
		if (restored != null && restored.equals(RestoredState.ELSEWHERE.txid())) {
			return anew("litestream-0.3", List.of());
		}
		if (restored != null) {
			boolean newest = restored.equals(history.max()) && restored.equals(history.end());
			if (newest && index.frames() == 0) {
				return new Beginning(new CapturePosition(restored, database.pageSize(), database.pageCount(),
						CapturePosition.NO_WAL, true), "", List.of());
			}
			return anew("replica-ahead", List.of());
		}
		if (stagedFiles.isEmpty()) {
			return anew("replica-ahead", List.of());
		}
		List<StagedFile> staged = stagedFiles.get();
		if (former.isEmpty()) {
			return anew(history.isEmpty() ? "first-start" : "position-unknown", staged);
		}
		CapturePosition position = former.get();
		if (history.max().isAfter(position.txid())) {
			return anew("replica-ahead", List.of());
		}
		if (!history.endWith(staged).equals(position.txid())) {
			return anew("replica-behind", staged);
		}
		if (position.pageSize() != database.pageSize()) {
			return anew("database-replaced", staged);
		}
		Optional<CapturePosition> continued = continued(database, index, position);
		return continued.map((found) -> new Beginning(found, "", staged)).orElseGet(() -> anew(WAL_RESTARTED, staged));
	}

	private static Optional<CapturePosition> continued(LiveDatabase database, WalIndexHeader index,
			CapturePosition position) throws IOException {
		Optional<WalFile> wal = database.wal();
		if (index.frames() == 0 || wal.isEmpty() || position.isBeforeAnyWal()) {
			return Optional.empty();
		}
		WalHeader header = wal.get().header();
		if (position.isSameRun(index)) {
			boolean whole = index.endOffset() >= position.wal().offset()
					&& wal.get().continuesFrom(header, position.wal());
			return whole ? Optional.of(position.sealed(false)) : Optional.empty();
		}
		// The run after a sealed one. That nobody added to the former run, copied that
		// back
		// and only then restarted the WAL can be seen as long as the new run is shorter
		boolean provable = position.isFollowedBy(index)
				&& wal.get().endedAt(header.bigEndian(), header.pageSize(), position.wal());
		return provable ? Optional.of(position) : Optional.empty();
	}

}
