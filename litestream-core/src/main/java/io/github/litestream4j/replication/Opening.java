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
 */
record Opening(ReplicatorSettings settings, ReplicaStorage storage, LiveDatabase database, Staging staging,
		Capture capture, Uploader uploader, PinnedWork pinnedWork) {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	/**
	 * Find out, and stand where the history goes on.
	 * @param history what the replica holds
	 * @param left the position that the last process left, if any
	 * @param restored what the database was restored to just now, if it was
	 */
	void begin(ReplicaHistory history, Optional<CapturePosition> left, @Nullable RestoredState restored)
			throws IOException {
		Optional<CapturePosition> own = (restored != null) ? Optional.empty() : left;
		Optional<List<StagedFile>> staged = StagedHistory.find(this.storage, history, this.staging, own);
		Optional<CapturePosition> former = withChecksum(history, own);
		if (former.isPresent()) {
			this.capture.recall(former.get());
		}
		Beginning beginning = decide(history, staged, former, restored);
		if (beginning.isComparable() && beginWithDelta(former.orElseThrow())) {
			return;
		}
		if (beginning.position() == null) {
			Txid newest = Stream.concat(Stream.of(history.max()), former.map(CapturePosition::txid).stream())
				.max(Txid::compareTo)
				.orElseThrow();
			SnapshotFile snapshot = this.capture.begin(newest.next(), this.settings.busyTimeout());
			if (snapshot == null) {
				throw Prerequisites.lockTaken(this.settings);
			}
			this.pinnedWork.snapshotFirst(snapshot);
			logger.info("{}: begins a history at {} with a snapshot ({})", this.settings.name(), newest.next(),
					beginning.reason());
		}
		else {
			logger.info("{}: goes on at {}", this.settings.name(), beginning.position().txid());
		}
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

	private boolean beginWithDelta(CapturePosition former) throws IOException {
		Optional<DeltaFile> delta = this.capture.beginDelta(former, this.settings.busyTimeout());
		delta.ifPresent((file) -> {
			this.pinnedWork.deltaFirst(file);
			logger.info("{}: compares all pages with those at {}, for it is not proven that the WAL goes on from there",
					this.settings.name(), former.txid());
		});
		return delta.isPresent();
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
				this.capture.continueFrom((restored != null) ? beginning.position().withChecksum(restored.checksum())
						: beginning.position());
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
