package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * What the local files, those not stored yet and the newest of those that are, can give a
 * replica up to a position: what it never had, and what it has lost.
 */
final class StagedHistory {

	private final ReplicaStorage storage;

	private final ReplicaHistory history;

	private final Staging staging;

	private final CapturePosition position;

	private StagedHistory(ReplicaStorage storage, ReplicaHistory history, Staging staging, CapturePosition position) {
		this.storage = storage;
		this.history = history;
		this.staging = staging;
		this.position = position;
	}

	/**
	 * Find what the replica is to be given, each file read and checked.
	 * @param storage the replica
	 * @param history what it holds
	 * @param staging the local files
	 * @param former the position that was left, if any
	 * @return the files in order, as far as they go; empty when the replica's history is
	 * not the one that was staged
	 */
	static Optional<List<StagedFile>> find(ReplicaStorage storage, ReplicaHistory history, Staging staging,
			Optional<CapturePosition> former) throws IOException {
		if (former.isEmpty() || history.isEmpty() || history.max().isAfter(former.get().txid())) {
			return Optional.of(List.of());
		}
		StagedHistory found = new StagedHistory(storage, history, staging, former.get());
		return found.isOurs() ? Optional.of(found.files()) : Optional.empty();
	}

	private List<StagedFile> files() throws IOException {
		List<StagedFile> files = new ArrayList<>();
		for (LtxFileName name : names()) {
			if (isLost(name.max())) {
				this.staging.find(name.max()).ifPresent(files::add);
			}
		}
		for (Txid end = this.history.endWith(files); end.isBefore(this.position.txid()); end = end.next()) {
			Optional<StagedFile> next = this.staging.find(end.next());
			if (next.isEmpty()) {
				break;
			}
			files.add(next.get());
		}
		return files;
	}

	/**
	 * Whether the replica should have a TXID, by what it has around it, and has not: no
	 * restore to it, or across it, is possible.
	 */
	private boolean isLost(Txid txid) {
		return txid.isBefore(this.history.max())
				&& this.history.files()
					.stream()
					.anyMatch((file) -> isSnapshot(file) && file.key().name().max().isBefore(txid))
				&& this.history.files()
					.stream()
					.noneMatch((file) -> !isSnapshot(file) && file.key().name().contains(txid));
	}

	private static boolean isSnapshot(StoredFile file) {
		return file.key().level() == LtxKey.SNAPSHOT_LEVEL;
	}

	private TreeSet<LtxFileName> names() throws IOException {
		TreeSet<LtxFileName> names = new TreeSet<>(this.staging.names());
		names.addAll(this.staging.kept().names());
		return names;
	}

	/**
	 * Whether the replica goes on as we left it. Its newest file that we have too must
	 * have the same bytes, and what it has at the position the same checksum. Level 0 is
	 * where the TXIDs are shared out: what it has beyond those two, and beyond what was
	 * proven earlier, was stored by another writer, or cannot be told from that. What is
	 * staged may not go on with it, however well the TXIDs fit.
	 */
	private boolean isOurs() throws IOException {
		// One that has lost what it had may have got it anew
		Txid proven = this.history.end().isBefore(this.position.proven()) ? Txid.ZERO : this.position.proven();
		boolean compared = false;
		TreeSet<LtxFileName> names = names();
		ListIterator<StoredFile> stored = this.history.files().listIterator(this.history.files().size());
		while (stored.hasPrevious() && !compared) {
			StoredFile file = stored.previous();
			if (file.key().level() == 0 && names.contains(file.key().name())) {
				Optional<StagedFile> ours = this.staging.find(file.key().name().max());
				if (ours.isPresent()) {
					if (!Uploader.isSame(this.storage, file, ours.get().content())) {
						return false;
					}
					compared = true;
					proven = later(proven, file.key().name().max());
				}
			}
		}
		if (proven.isBefore(this.position.txid())) {
			OptionalLong checksum = checksumAtPosition();
			if (checksum.isPresent() && checksum.getAsLong() != this.position.checksum()) {
				return false;
			}
			proven = checksum.isPresent() ? this.position.txid() : proven;
		}
		return !isTakenOver(proven);
	}

	private static Txid later(Txid one, Txid other) {
		return one.isAfter(other) ? one : other;
	}

	/**
	 * The checksum that the replica has for the position, where both are known.
	 */
	private OptionalLong checksumAtPosition() {
		if (this.position.checksum() == 0) {
			return OptionalLong.empty();
		}
		return this.history.files()
			.stream()
			.filter((file) -> file.key().name().max().equals(this.position.txid()))
			.map(this.storage::databaseChecksum)
			.flatMapToLong(OptionalLong::stream)
			.findFirst();
	}

	/**
	 * Whether the replica has TXIDs that we staged and do not know to be stored, or any
	 * of level 0 that are not known to be ours. That a snapshot passes them means
	 * nothing, it may be ours: no other writer stores one without a file of level 0.
	 */
	private boolean isTakenOver(Txid proven) throws IOException {
		Optional<Txid> first = this.staging.names()
			.stream()
			.map(LtxFileName::max)
			.filter((txid) -> txid.isAfter(proven) && !txid.isAfter(this.history.end()))
			.findFirst();
		return this.history.files()
			.stream()
			.filter((file) -> !isSnapshot(file) && file.key().name().max().isAfter(proven))
			.anyMatch((file) -> file.key().level() == 0
					|| (first.isPresent() && !file.key().name().max().isBefore(first.get())));
	}

}
