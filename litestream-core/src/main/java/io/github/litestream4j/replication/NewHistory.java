package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a history with a snapshot, so that no other writer goes on with the one before.
 * A snapshot is not of level 0, where the TXIDs are shared out. So a file of level 0 that
 * changes nothing is stored first, where the old history would go on: whoever writes
 * there still has a conflict with it, and stops. The snapshot takes the TXID after it.
 * Used by one thread at a time.
 */
final class NewHistory {

	private static final Logger logger = LoggerFactory.getLogger(NewHistory.class);

	/** Marks the file that is stored where the old history would go on. */
	private static final long CLAIM = 0x4c53434c41494d31L;

	private final ReplicaStorage storage;

	private final GenerationLog generations;

	private final ReplicaIndex index;

	/** Where the old history would go on, or null when there is none. */
	private final @Nullable Txid claim;

	/** What is stored at the claim, once it is known. */
	private @Nullable StagedFile file;

	private boolean claimed;

	/** The snapshots of ours that may be stored, though no answer said so. */
	private final Set<LtxKey> tried = new HashSet<>();

	private NewHistory(ReplicaStorage storage, GenerationLog generations, ReplicaIndex index, @Nullable Txid claim) {
		this.storage = storage;
		this.generations = generations;
		this.index = index;
		this.claim = claim;
	}

	/**
	 * The first history of a replica.
	 */
	static NewHistory first(ReplicaStorage storage, GenerationLog generations, ReplicaIndex index) {
		return new NewHistory(storage, generations, index, null);
	}

	/**
	 * A history after another one.
	 * @param claim where the other one would go on
	 */
	static NewHistory after(ReplicaStorage storage, GenerationLog generations, ReplicaIndex index, Txid claim) {
		return new NewHistory(storage, generations, index, claim);
	}

	/**
	 * Whether a replica's newest file says that another writer has shut the old history
	 * and begins a new one, whose snapshot is yet to come. To go on after that file would
	 * be to go on with neither of the two: what would come next has the TXID of the
	 * snapshot, which is not of level 0, so that nobody would have a conflict.
	 * @param newest the file's header
	 */
	static boolean isClaim(LtxHeader newest) {
		return newest.nodeId() == CLAIM;
	}

	/**
	 * To be called before the snapshot is stored, when everything before it is.
	 * @param key where it will be stored
	 * @param timestamp its time
	 * @throws ConflictException when another writer is or was there
	 */
	void announce(LtxKey key, Instant timestamp) throws IOException {
		Txid first = key.name().max();
		if (this.claim == null) {
			requireEmpty();
			this.generations.announce(first);
			// Whoever looks for records after its snapshot sees ours, or we see its
			// snapshot
			requireEmpty();
		}
		else {
			claim(this.claim, timestamp);
			this.generations.announce(first);
		}
		this.tried.add(key);
	}

	/**
	 * To be called when the snapshot is stored, before anything is that stands on it.
	 * @param key the snapshot
	 * @throws ConflictException when another writer has begun a history meanwhile; then
	 * the snapshot is taken away again
	 */
	void confirm(LtxKey key) {
		Txid first = key.name().max();
		boolean others = (this.claim == null) ? this.generations.max().isAfter(first)
				: this.storage.list(0).stream().anyMatch((file) -> file.key().name().max().isAfter(this.claim));
		if (others) {
			if (!isStoodOn(first)) {
				this.storage.delete(List.of(key));
			}
			throw conflict("has begun a history after " + first);
		}
	}

	/**
	 * Whether another writer may have been restored from our snapshot before we looked:
	 * without it, all that it stores would be lost. Whoever has not seen the snapshot has
	 * stored a file where the old history would go on.
	 */
	private boolean isStoodOn(Txid first) {
		List<LtxFileName> names = ReplicaHistory.of(this.storage)
			.files()
			.stream()
			.filter((file) -> file.key().level() < LtxKey.SNAPSHOT_LEVEL)
			.map((file) -> file.key().name())
			.toList();
		boolean passed = this.claim != null
				&& names.stream().anyMatch((name) -> name.max().isAfter(this.claim) && !name.min().isAfter(first));
		return !passed && names.stream().anyMatch((name) -> name.max().isAfter(first));
	}

	private void requireEmpty() {
		ReplicaHistory history = ReplicaHistory.of(this.storage);
		if (history.files().stream().anyMatch((file) -> !this.tried.contains(file.key()))) {
			throw conflict("has begun a history up to " + history.max());
		}
	}

	private void claim(Txid claim, Instant timestamp) throws IOException {
		if (this.claimed) {
			return;
		}
		LtxKey key = new LtxKey(0, LtxFileName.of(claim));
		// Each time anew: since the last try another writer may have been there, and
		// retention may have made the key free again
		ReplicaHistory history = ReplicaHistory.of(this.storage);
		requireNobodyBeyond(history, claim, (this.file != null) ? key : null);
		StagedFile file = (this.file != null) ? this.file : unchanged(history, claim, timestamp);
		this.file = file;
		Uploader.store(this.storage, file);
		// A snapshot of somebody who had claimed before us, and was slow
		requireNobodyBeyond(ReplicaHistory.of(this.storage), claim, key);
		this.index.add(key, file.content().length());
		this.claimed = true;
	}

	private void requireNobodyBeyond(ReplicaHistory history, Txid claim, @Nullable LtxKey ours) {
		for (StoredFile other : history.files()) {
			if (!other.key().equals(ours) && !other.key().name().max().isBefore(claim)) {
				takeBack(history, claim);
				throw conflict("has stored " + other.key());
			}
		}
	}

	/** Also what is there though no answer said so. */
	private void takeBack(ReplicaHistory history, Txid claim) {
		StagedFile file = this.file;
		LtxKey key = new LtxKey(0, LtxFileName.of(claim));
		if (file != null && history.files()
			.stream()
			.anyMatch((stored) -> stored.key().equals(key) && Uploader.isSame(this.storage, stored, file.content()))) {
			LogEnd.takeBack(this.storage, claim);
		}
	}

	/**
	 * A file that changes nothing. Where the newest file is damaged no restore can go
	 * across it, whatever comes after it: then the page of an older one does.
	 */
	private StagedFile unchanged(ReplicaHistory history, Txid claim, Instant timestamp) throws IOException {
		CorruptDataException damage = null;
		for (StoredFile file : readBy(history)) {
			try {
				return unchanged(file, claim, timestamp);
			}
			catch (CorruptDataException ex) {
				logger.error("A new history begins, and {} in {} is damaged: {}", file.key(), this.storage.url(),
						ex.getMessage());
				damage = ex;
			}
		}
		throw (damage != null) ? damage : conflict("has removed everything up to the TXID before " + claim);
	}

	/** In the order in which restores believe them: a snapshot gives its state alone. */
	private static List<StoredFile> readBy(ReplicaHistory history) {
		return history.newestFirst()
			.stream()
			.sorted(Comparator.comparing((StoredFile file) -> file.key().name().max())
				.thenComparing((file) -> file.key().level() == LtxKey.SNAPSHOT_LEVEL)
				.reversed())
			.toList();
	}

	/**
	 * A page of a file as it is.
	 */
	private StagedFile unchanged(StoredFile newest, Txid txid, Instant timestamp) throws IOException {
		OptionalLong checksum = this.storage.databaseChecksum(newest);
		try (InputStream in = this.storage.read(newest.key(), 0, newest.size());
				LtxReader reader = new LtxReader(in, newest.key() + " in " + this.storage.url())) {
			int pageSize = reader.header().pageSize();
			byte[] page = new byte[pageSize];
			long number = reader.nextPage(page);
			ByteArrayOutputStream out = new ByteArrayOutputStream(pageSize + 1024);
			LtxHeader header = LtxHeader.of(pageSize, reader.header().commit(), txid, txid, timestamp)
				.withNodeId(CLAIM);
			try (LtxWriter writer = new LtxWriter(out, header)) {
				if (number != 0) {
					writer.writePage(number, page, 0);
				}
				writer.finish(0);
			}
			return new StagedFile(txid, timestamp, Path.of(""), Content.of(out.toByteArray()), checksum,
					System.nanoTime());
		}
	}

	private ConflictException conflict(String what) {
		return new ConflictException(
				"Another writer %s in %s while this one began a new history there. Two applications write to this replica: stop one of them, or give it a replica of its own."
					.formatted(what, this.storage.url()));
	}

}
