package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
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
import io.github.litestream4j.storage.ResumedInput;
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

	/** A file that is read to its end may be a snapshot. */
	private static final int ATTEMPTS = 5;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(400);

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
	 * @param key where it will be stored: later than the one before, where that failed
	 * @param timestamp its time
	 * @throws ConflictException when another writer is or was there
	 */
	void announce(LtxKey key, Instant timestamp) throws IOException {
		Txid first = key.name().max();
		if (this.claim == null) {
			requireEmpty();
		}
		else {
			claim(this.claim, timestamp);
		}
		this.generations.announce(first);
		// Whoever looks for records when it has stored its snapshot, or its claim, sees
		// ours, or we see that one
		if (this.claim == null) {
			requireEmpty();
		}
		else {
			requireNobodyAfter(this.claim);
			requireNoRecordAfter(first);
		}
		this.tried.add(key);
	}

	/**
	 * To be called when the snapshot is stored, before anything is that stands on it.
	 * @param key the snapshot
	 * @throws ConflictException when another writer has begun a history meanwhile; then
	 * the snapshot is taken away again, and those that were tried before
	 */
	void confirm(LtxKey key) {
		if (this.claim == null) {
			requireNoRecordAfter(key.name().max());
		}
		requireNobodyAfter((this.claim != null) ? this.claim : Txid.ZERO);
	}

	/** Nothing of ours is there before the snapshot is. */
	private void requireNobodyAfter(Txid claim) {
		for (StoredFile file : this.storage.list(0)) {
			if (file.key().name().max().isAfter(claim)) {
				takeBackSnapshots();
				throw conflict("has stored " + file.key());
			}
		}
	}

	/** A snapshot of ours would come to lie within the history that it begins. */
	private void requireNoRecordAfter(Txid first) {
		Txid last = this.generations.max();
		if (last.isAfter(first)) {
			takeBackSnapshots();
			throw conflict("begins a history at " + last);
		}
	}

	private void requireEmpty() {
		ReplicaHistory history = ReplicaHistory.of(this.storage);
		if (history.files().stream().anyMatch((file) -> !this.tried.contains(file.key()))) {
			takeBackSnapshots();
			throw conflict("has begun a history up to " + history.max());
		}
	}

	/**
	 * Another writer may have been restored from one of them before we looked: without
	 * it, all that it stores would be lost.
	 */
	private void takeBackSnapshots() {
		List<LtxFileName> names = ReplicaHistory.of(this.storage)
			.files()
			.stream()
			.filter((file) -> file.key().level() < LtxKey.SNAPSHOT_LEVEL)
			.map((file) -> file.key().name())
			.toList();
		List<LtxKey> needless = this.tried.stream().filter((key) -> !isStoodOn(key.name().max(), names)).toList();
		if (!needless.isEmpty()) {
			this.storage.delete(needless);
		}
	}

	/**
	 * Whoever has not seen the snapshot has stored a file where the old history would go
	 * on.
	 */
	private boolean isStoodOn(Txid first, List<LtxFileName> names) {
		Txid claim = (this.claim != null) ? this.claim : Txid.ZERO;
		boolean passed = names.stream().anyMatch((name) -> name.max().isAfter(claim) && !name.min().isAfter(first));
		return !passed && names.stream().anyMatch((name) -> name.max().isAfter(first));
	}

	private void claim(Txid claim, Instant timestamp) throws IOException {
		if (this.claimed) {
			// A snapshot of ours may be stored, and another writer restored from it
			requireNobodyAfter(claim);
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
		if (file != null && history.files()
			.stream()
			.anyMatch((stored) -> stored.key().equals(file.key())
					&& Uploader.isSame(this.storage, stored, file.content()))) {
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
		String name = newest.key() + " in " + this.storage.url();
		try (LtxReader reader = new LtxReader(stored(newest, name), name)) {
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
			// Only the end proves the page
			reader.readToEnd();
			return new StagedFile(txid, timestamp, Path.of(""), Content.of(out.toByteArray()), checksum,
					System.nanoTime());
		}
	}

	private InputStream stored(StoredFile file, String name) {
		return new ResumedInput(name, file.size(), ATTEMPTS, FIRST_PAUSE) {

			@Override
			protected InputStream open(long position) {
				return NewHistory.this.storage.read(file.key(), position, file.size() - position);
			}

		};
	}

	private ConflictException conflict(String what) {
		return new ConflictException(
				"Another writer %s in %s while this one began a new history there. Two applications write to this replica: stop one of them, or give it a replica of its own."
					.formatted(what, this.storage.url()));
	}

}
