package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first thing that is done with an opened database: to find out where its history
 * goes on, or to begin it anew.
 *
 * @param settings what is replicated
 * @param storage where to
 * @param database the database
 * @param staging what is staged
 * @param capture stands at the position afterwards
 * @param uploader is given what is staged already
 * @param pinnedWork is told what has to be stored first
 * @param generations the records of the replica's generations
 * @param positionFile what the last process left
 */
record Opening(ReplicatorSettings settings, ReplicaStorage storage, LiveDatabase database, Staging staging,
		Capture capture, Uploader uploader, PinnedWork pinnedWork, GenerationLog generations,
		PositionFile positionFile) {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	/** Why a history begins anew after one that another writer was about to begin. */
	private static final String CLAIMED = "history-claimed";

	/**
	 * Find out, and stand where the history goes on.
	 * @param found what the replica holds, and whose it is
	 * @param restored what the database was restored to just now, if it was
	 * @param claimed whether another writer has begun a new history, that may never come
	 */
	void begin(Prerequisites.Found found, @Nullable RestoredState restored, boolean claimed) throws IOException {
		Optional<CapturePosition> left = this.positionFile.position();
		Identification identification = found.identification();
		if (identification.standing() == Identification.Standing.UNPROVEN) {
			beginUnproven(found, claimed);
			return;
		}
		identification.settle(this.settings, this.storage, this.database.pageSize(), this.positionFile);
		String newBeginning = identification.newBeginning();
		if (claimed && restored != null) {
			begin(found.history(), Optional.empty(), null, CLAIMED);
			return;
		}
		// One of another database's is given up by now
		begin(found.history(), (newBeginning != null) ? left : this.positionFile.position(), restored, newBeginning);
	}

	private void beginUnproven(Prerequisites.Found found, boolean claimed) throws IOException {
		Identification identification = found.identification();
		ReplicaIdentity remote = identification.remote().orElseThrow();
		CapturePosition proven = DatabaseProof
			.of(this.settings, this.storage, this.database, found.history(), this.staging.scratch())
			.orElseThrow(() -> Identification.refused(this.settings, this.storage, remote, this.database.pageSize()));
		identification.settle(this.settings, this.storage, this.database.pageSize(), this.positionFile);
		if (claimed) {
			begin(found.history(), Optional.empty(), null, CLAIMED);
		}
		else {
			goOnAt(found.history(), proven);
		}
	}

	/**
	 * Find out, and stand where the history goes on.
	 * @param history what the replica holds
	 * @param left the position that the last process left, if any
	 * @param restored what the database was restored to just now, if it was
	 * @param newBeginning why the history begins anew in any case, {@code null} when that
	 * is to be found out
	 */
	private void begin(ReplicaHistory history, Optional<CapturePosition> left, @Nullable RestoredState restored,
			@Nullable String newBeginning) throws IOException {
		learn(history);
		boolean trusted = restored == null && newBeginning == null;
		Optional<CapturePosition> own = trusted ? left : Optional.empty();
		Optional<List<StagedFile>> staged = StagedHistory.find(this.storage, history, this.staging, proven(own));
		Optional<CapturePosition> former = withChecksum(history, own);
		if (former.isPresent()) {
			this.capture.recall(former.get());
		}
		Beginning beginning = decide(history, staged, former, restored);
		Txid end = Stream.concat(Stream.of(history.max()), beginning.staged().stream().map(StagedFile::txid))
			.max(Txid::compareTo)
			.orElseThrow();
		recallRecords(beginning, end);
		if (beginning.isComparable() && beginWithDelta(former.orElseThrow(), beginning.reason())) {
			this.generations.continues(history);
		}
		else if (beginning.position() == null) {
			Optional<CapturePosition> passed = (restored != null) ? Optional.empty() : left;
			beginWithSnapshot(end, passed, (newBeginning != null) ? newBeginning : beginning.reason());
		}
		else {
			goOn(history, beginning.position());
		}
	}

	private void learn(ReplicaHistory history) {
		if (!history.files().isEmpty()) {
			this.generations.learn(history);
		}
	}

	/**
	 * The last process may have ended as soon as its snapshot was stored: then only the
	 * record of its generation tells that it was ours.
	 */
	private Optional<CapturePosition> proven(Optional<CapturePosition> left) throws IOException {
		if (left.isEmpty()) {
			return left;
		}
		Txid proven = this.generations.proven();
		return left.map((position) -> proven.isAfter(position.proven()) ? position.provenTo(proven) : position);
	}

	/**
	 * The last process may have ended before it knew the database's checksum. Then it may
	 * stand beside the file that is stored.
	 */
	private Optional<CapturePosition> withChecksum(ReplicaHistory history, Optional<CapturePosition> left) {
		if (left.isEmpty() || left.get().checksum() != 0) {
			return left;
		}
		OptionalLong checksum = history.files()
			.stream()
			.filter((file) -> file.key().name().max().equals(left.get().txid()))
			.map(this.storage::databaseChecksum)
			.flatMapToLong(OptionalLong::stream)
			.findFirst();
		return checksum.isPresent() ? left.map((position) -> position.withChecksum(checksum.getAsLong())) : left;
	}

	/**
	 * Go on at a position that is proven otherwise.
	 */
	private void goOnAt(ReplicaHistory history, CapturePosition position) throws IOException {
		this.staging.retain(List.of());
		// Nobody knows of which history they are: none of them may heal this one
		this.staging.kept().retain(List.of());
		this.generations.forgetAll();
		this.capture.continueFrom(position.provenTo(history.end()));
		learn(history);
		goOn(history, position);
	}

	private void goOn(ReplicaHistory history, CapturePosition position) {
		this.generations.continues(history);
		logger.info("{}: goes on at {}", this.settings.name(), position.txid());
	}

	/** Only what is staged still needs the records that its writer could not store. */
	private void recallRecords(Beginning beginning, Txid end) throws IOException {
		if (beginning.staged().isEmpty()) {
			this.generations.forgetAll();
		}
		else {
			this.generations.recall(end);
		}
	}

	private void beginWithSnapshot(Txid end, Optional<CapturePosition> passed, String reason) throws IOException {
		Txid claim = end.equals(Txid.ZERO) ? null : end.next();
		Txid newest = Stream
			.concat(Stream.of((claim != null) ? claim : end, this.generations.max()),
					passed.map(CapturePosition::txid).stream())
			.max(Txid::compareTo)
			.orElseThrow();
		SnapshotFile snapshot = this.capture.begin(newest.next(), this.settings.busyTimeout());
		if (snapshot == null) {
			throw Prerequisites.lockTaken(this.settings);
		}
		this.pinnedWork.snapshotFirst(snapshot, claim, reason);
		logger.info("{}: begins a history at {} with a snapshot ({})", this.settings.name(), newest.next(), reason);
	}

	private boolean beginWithDelta(CapturePosition former, String reason) throws IOException {
		Optional<DeltaFile> delta = this.capture.beginDelta(former, this.settings.busyTimeout());
		if (delta.isEmpty()) {
			return false;
		}
		this.pinnedWork.deltaFirst(delta.get(), reason);
		logger.info("{}: compares all pages with those at {}, for it is not proven that the WAL goes on from there",
				this.settings.name(), former.txid());
		return true;
	}

	private Beginning decide(ReplicaHistory history, Optional<List<StagedFile>> staged,
			Optional<CapturePosition> former, @Nullable RestoredState restored) throws IOException {
		if (!this.database.lockWriters(this.settings.busyTimeout())) {
			throw Prerequisites.lockTaken(this.settings);
		}
		try {
			this.database.renewGuard();
			if (former.isPresent()) {
				new WalDamage(this.database, this.staging, this.settings, this.storage.url()).requireNone(former.get());
			}
			Beginning beginning = Beginning.of(this.database, history, staged, former,
					(restored != null) ? restored.txid() : null);
			// Before anything is captured: what was staged earlier is stored earlier
			this.staging.retain(beginning.staged());
			if (former.isEmpty() || (beginning.position() == null && !beginning.isComparable())) {
				// What is kept may be of another history than the one that goes on
				this.staging.kept().retain(beginning.staged());
			}
			beginning.staged().forEach(this::addStaged);
			if (beginning.position() != null) {
				CapturePosition position = beginning.position().provenTo(history.end());
				this.capture.continueFrom((restored != null) ? position.withChecksum(restored.checksum()) : position);
				this.capture.noteRun(this.database.index());
				if (this.database.index().isBackfilled()) {
					// The guard stands on read lock 0: the next writer may restart the
					// WAL
					this.capture.captureAll(null);
				}
				this.capture.renewGuard();
			}
			return beginning;
		}
		finally {
			this.database.unlockWriters();
		}
	}

	private void addStaged(StagedFile file) {
		this.capture.notBefore(file.timestamp());
		this.uploader.add(file);
	}

}
