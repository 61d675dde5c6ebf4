package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.legacy.LegacyPlan;
import io.github.litestream4j.restore.legacy.LegacyReplica;
import io.github.litestream4j.restore.legacy.LegacyTakeover;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That a state is restored from what Litestream 0.3 has stored, since the replica has
 * nothing else, or nothing newer.
 *
 * @param plan the files
 * @param takeover what is to be noted when the history goes on from there
 */
record LegacyChoice(LegacyPlan plan, LegacyTakeover takeover) {

	private static final Logger logger = LoggerFactory.getLogger(LegacyChoice.class);

	/**
	 * Choose. Where there is nothing of Litestream 0.3 this costs one listing, and none
	 * when a TXID is wanted.
	 * @param storage the replica
	 * @param request the state that is wanted
	 * @return empty when LTX files give it
	 * @throws UnreachablePointException when Litestream 0.3 has it, and its files cannot
	 * give it
	 */
	static Optional<LegacyChoice> of(ReplicaStorage storage, RestoreRequest request) {
		if (request.txid() != null) {
			return Optional.empty();
		}
		Optional<LegacyReplica> found = LegacyReplica.of(storage);
		if (found.isEmpty()) {
			return Optional.empty();
		}
		LegacyReplica legacy = found.get();
		List<StoredFile> files = ReplicaFiles.of(storage).all();
		if (!files.isEmpty() && !isNewer(storage, legacy, files, request.timestamp())) {
			return Optional.empty();
		}
		Txid newest = files.stream()
			.map((file) -> file.key().name().max())
			.max(Comparator.naturalOrder())
			.orElse(Txid.ZERO);
		return Optional.of(new LegacyChoice(legacy.plan(request.timestamp()), LegacyTakeover.of(legacy, newest)));
	}

	/**
	 * What a restore would make.
	 */
	RestorePreview preview() {
		return new RestorePreview(Txid.ZERO, this.plan.time(), List.of(), this.plan.bytes(), 0, 0);
	}

	private static boolean isNewer(ReplicaStorage storage, LegacyReplica legacy, List<StoredFile> files,
			@Nullable Instant time) {
		Optional<LegacyTakeover> takeover = LegacyTakeover.all(storage)
			.stream()
			.filter((each) -> each.covers(legacy))
			.max(Comparator.comparing(LegacyTakeover::after));
		Stream<StoredFile> counted = files.stream();
		if (takeover.isPresent()) {
			Txid after = takeover.get().after();
			boolean goesOn = files.stream()
				.anyMatch((file) -> file.key().level() == LtxKey.SNAPSHOT_LEVEL
						&& file.key().name().max().isAfter(after));
			if (goesOn && isAfter(storage, files, after, time)) {
				logger.debug("What Litestream 0.3 has left in {} was taken over at TXID {}", storage.url(), after);
				return false;
			}
			counted = counted.filter((file) -> !file.key().name().max().isAfter(after));
		}
		Optional<Instant> ours = newest(storage, counted.toList(), time);
		Optional<Instant> theirs = legacy.newest(time);
		boolean newer = theirs.isPresent() && (ours.isEmpty() || theirs.get().isAfter(ours.get()));
		logger.info("The replica {} holds both LTX files ({}) and files of Litestream 0.3 ({}): {} to be restored",
				storage.url(), ours.map((newest) -> "the newest of " + newest).orElse("none so old"),
				theirs.map((newest) -> "the newest of " + newest).orElse("none so old"),
				newer ? "the latter, which are newer, are" : "the LTX files are");
		return newer;
	}

	/**
	 * Whether the state of a time is one that came after a TXID.
	 */
	private static boolean isAfter(ReplicaStorage storage, List<StoredFile> files, Txid txid, @Nullable Instant time) {
		return time == null || newest(storage,
				files.stream().filter((file) -> file.key().name().max().isAfter(txid)).toList(), time)
			.isPresent();
	}

	/**
	 * The time of the newest file. For the latest state it is the storage's own, since
	 * that is what Litestream 0.3's files have: on S3 one clock gave both.
	 */
	private static Optional<Instant> newest(ReplicaStorage storage, List<StoredFile> files, @Nullable Instant time) {
		if (time == null) {
			return files.stream().map(StoredFile::lastModified).max(Comparator.naturalOrder());
		}
		return Stream.iterate(0, (level) -> level <= LtxKey.SNAPSHOT_LEVEL, (level) -> level + 1)
			.map((level) -> files.stream().filter((file) -> file.key().level() == level).toList())
			.flatMap((level) -> newestOfLevel(storage, level, time).stream())
			.max(Comparator.naturalOrder());
	}

	/** Within a level times ascend with the transactions. */
	private static Optional<Instant> newestOfLevel(ReplicaStorage storage, List<StoredFile> level, Instant time) {
		Optional<Instant> newest = Optional.empty();
		int low = 0;
		int high = level.size();
		while (low < high) {
			int middle = (low + high) >>> 1;
			Instant found = storage.timestamp(level.get(middle));
			if (found.isAfter(time)) {
				high = middle;
			}
			else {
				newest = Optional.of(found);
				low = middle + 1;
			}
		}
		return newest;
	}

	/**
	 * Refuse a TXID where only Litestream 0.3 has stored anything.
	 * @param storage the replica, without any LTX file
	 * @param txid the TXID, or {@code null}
	 * @throws UnreachablePointException when there is anything of Litestream 0.3
	 */
	static void requireNoTxid(ReplicaStorage storage, @Nullable Txid txid) {
		if (txid != null && LegacyReplica.of(storage).isPresent()) {
			throw new UnreachablePointException(
					"The replica %s cannot give TXID %s: it holds nothing but files of Litestream 0.3, which have no TXIDs. Restore the latest state, or that of a time."
						.formatted(storage.url(), txid));
		}
	}

}
