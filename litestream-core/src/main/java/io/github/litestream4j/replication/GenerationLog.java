package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.WholeFile;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a replica's generations. The record of a generation is noted locally
 * when it begins, and stored before its first file is. Safe for use by any thread.
 */
final class GenerationLog {

	private static final Logger logger = LoggerFactory.getLogger(GenerationLog.class);

	private final ReplicaStorage storage;

	private final Path note;

	/** The record that was stored last, whichever process stored it. */
	private final Path storedNote;

	/** The records that are yet to be stored, ascending. */
	private final List<Generation.Stored> pending = new ArrayList<>();

	/** The one that began last in this process, or null. */
	private Generation.@Nullable Stored begun;

	/** Every record that the replica is known to hold, ascending. */
	private final List<GenerationRecord> known = new ArrayList<>();

	private final ReplicationObserver observer;

	private volatile @Nullable String current;

	GenerationLog(ReplicaStorage storage, Path stagingDirectory) {
		this(storage, stagingDirectory, ReplicationObserver.NONE);
	}

	GenerationLog(ReplicaStorage storage, Path stagingDirectory, ReplicationObserver observer) {
		this.observer = observer;
		this.storage = storage;
		this.note = stagingDirectory.resolve("generation");
		this.storedNote = stagingDirectory.resolve("generation-stored");
	}

	/**
	 * Note that a generation begins. Those that were noted to begin at the same place or
	 * later are forgotten: none of their files is stored, or will be.
	 * @param first its first TXID
	 * @param claim where the one before ends, at most {@code first}
	 */
	synchronized void begin(Txid first, Txid claim, String reason) throws IOException {
		Generation generation = new Generation(UUID.randomUUID().toString(), first,
				Instant.ofEpochMilli(System.currentTimeMillis()), reason, writer());
		this.pending.removeIf((record) -> !record.generation().firstTxid().isBefore(claim));
		Generation.Stored record = new Generation.Stored(generation, claim);
		this.pending.add(record);
		this.begun = record;
		note();
	}

	/**
	 * Note that the generation which is yet to begin does so later, since its snapshot
	 * came to nothing. Of two writers only one stores the record of a TXID, and only that
	 * one may store a snapshot there: it would replace the other's.
	 * @param first its first TXID now
	 */
	synchronized void beginsLater(Txid first) throws IOException {
		Generation.Stored record = this.begun;
		if (record != null && record.generation().firstTxid().isBefore(first)) {
			begin(first, record.claim(), record.generation().reason());
		}
	}

	/** One record a line. */
	private void note() throws IOException {
		if (this.pending.isEmpty()) {
			Files.deleteIfExists(this.note);
			return;
		}
		ByteArrayOutputStream lines = new ByteArrayOutputStream();
		for (Generation.Stored record : this.pending) {
			lines.write(record.encode());
			lines.write('\n');
		}
		WholeFile.write(this.note, lines.toByteArray());
	}

	private static String writer() {
		String host = System.getenv("HOSTNAME");
		return ((host != null) ? host + ":" : "") + ProcessHandle.current().pid();
	}

	/**
	 * Recall what the last process noted and could not store, since its files are staged
	 * and are stored now.
	 * @param last the last TXID that is staged
	 */
	synchronized void recall(Txid last) throws IOException {
		this.pending.clear();
		try {
			for (String line : Files.readString(this.note).split("\n")) {
				this.pending.add(Generation.decode(line.getBytes(StandardCharsets.UTF_8), this.note.toString()));
			}
		}
		catch (NoSuchFileException ex) {
			// nothing was pending
		}
		catch (CorruptDataException | CharacterCodingException ex) {
			// It is not synced: a loss of power may cost a record, but never the history
			logger.warn("the note of a generation's beginning is lost: {}", ex.getMessage());
		}
		this.pending.removeIf((record) -> record.generation().firstTxid().isAfter(last));
		note();
	}

	/**
	 * Forget everything that is noted: nothing of it is staged.
	 */
	synchronized void forgetAll() throws IOException {
		this.pending.clear();
		note();
	}

	/**
	 * Forget that a generation was to begin: nothing differs from the one before.
	 * @param first its first TXID
	 */
	synchronized void forget(Txid first) {
		this.pending.removeIf((record) -> record.generation().firstTxid().equals(first));
		try {
			note();
		}
		catch (IOException ex) {
			logger.debug("a crash now leaves a record too many, at {}", first, ex);
		}
	}

	/**
	 * Store the record that is noted, if it is that of a file which is about to be
	 * stored.
	 * @param file the file's last TXID
	 * @throws ConflictException when another writer begins a generation there
	 */
	void announce(Txid file) {
		List<Generation.Stored> due;
		synchronized (this) {
			due = this.pending.stream().filter((record) -> !record.generation().firstTxid().isAfter(file)).toList();
		}
		due.forEach(this::store);
	}

	private void store(Generation.Stored record) {
		String name = new GenerationName(record.generation().firstTxid()).metaName();
		byte[] bytes = record.encode();
		if (!this.storage.putMetaIfAbsent(name, bytes)
				&& !Arrays.equals(bytes, this.storage.readMeta(name).orElse(bytes))) {
			throw new ConflictException(
					"meta/%s in %s was stored by another writer, which begins a history there too. Two applications write to this replica: stop one of them, or give it a replica of its own."
						.formatted(name, this.storage.url()));
		}
		synchronized (this) {
			if (this.pending.remove(record)) {
				this.current = record.generation().id();
				this.known.removeIf((other) -> !other.first().isBefore(record.claim()));
				this.known.add(GenerationRecord.of(record));
				this.observer.generationBegan(record.generation().reason());
				try {
					WholeFile.write(this.storedNote, bytes);
					note();
				}
				catch (IOException ex) {
					logger.debug("the next start stores meta/{} once more, with the same bytes", name, ex);
				}
			}
		}
	}

	/**
	 * Up to where level 0 is ours for certain: where we have stored the record of a
	 * generation, after the claim that shuts others out of the history before it. Only
	 * whoever has stored that record may store its snapshot.
	 * @return the claim, 0 when there is none or it is not known
	 */
	Txid proven() throws IOException {
		try {
			byte[] bytes = Files.readAllBytes(this.storedNote);
			Generation.Stored record = Generation.decode(bytes, this.storedNote.toString());
			Txid first = record.generation().firstTxid();
			boolean ours = this.storage.readMeta(new GenerationName(first).metaName())
				.filter((found) -> Arrays.equals(found, bytes))
				.isPresent();
			return (ours && record.claim().isBefore(first)) ? record.claim() : Txid.ZERO;
		}
		catch (NoSuchFileException ex) {
			return Txid.ZERO;
		}
		catch (CorruptDataException ex) {
			logger.warn("the note of a stored generation is lost: {}", ex.getMessage());
			return Txid.ZERO;
		}
	}

	/**
	 * The id of the generation that is being written.
	 * @return {@code null} when its record is not stored yet
	 */
	@Nullable String current() {
		return this.current;
	}

	/**
	 * Learn which generations a replica holds.
	 */
	synchronized void learn(ReplicaHistory history) {
		List<GenerationRecord> records = GenerationRecords.read(this.storage, history.files());
		this.known.addAll(0, records);
		for (GenerationRecord record : records) {
			if (record.damage() != null) {
				// What it says is told to people, and decides nothing
				logger.warn("a generation of the replica is not known: {}", record.damage().getMessage());
			}
		}
	}

	/**
	 * The generation that a history goes on with is the last one; which that is nobody
	 * knows when its record is damaged.
	 */
	synchronized void continues(ReplicaHistory history) {
		List<GenerationRecord> all = GenerationRecords.counted(this.known, history.files());
		Generation last = all.isEmpty() ? null : all.get(all.size() - 1).generation();
		this.current = (last != null) ? last.id() : null;
	}

	/**
	 * What the replica holds, without asking the storage.
	 * @param files every file
	 * @param replicated the end of the stored history
	 */
	synchronized ReplicaContents contents(Collection<StoredFile> files, Txid replicated) {
		return GenerationRecords.contents(this.known, files, replicated, this.current);
	}

	/**
	 * What the replica holds, with the records that it has now.
	 * @param files every file
	 * @param replicated the end of the stored history
	 */
	ReplicaContents listContents(Collection<StoredFile> files, Txid replicated) {
		return GenerationRecords.contents(GenerationRecords.read(this.storage, files), files, replicated, this.current);
	}

	/**
	 * The largest TXID that any record names, whether it counts or not.
	 */
	Txid max() {
		return GenerationRecords.names(this.storage)
			.stream()
			.map(GenerationName::first)
			.max(Txid::compareTo)
			.orElse(Txid.ZERO);
	}

	/**
	 * The first TXID that each record names, whether it counts or not.
	 */
	Set<Txid> firsts() {
		return GenerationRecords.names(this.storage).stream().map(GenerationName::first).collect(Collectors.toSet());
	}

	/**
	 * Every generation of which the replica has a file.
	 * @param history what the replica holds
	 * @return the generations in order
	 */
	List<Generation> all(ReplicaHistory history) {
		return all(this.storage, history);
	}

	static List<Generation> all(ReplicaStorage storage, ReplicaHistory history) {
		List<GenerationRecord> records = GenerationRecords.read(storage, history.files());
		// Where one before it ends is what a damaged one does not say
		records.forEach(GenerationRecord::sound);
		return GenerationRecords.counted(records, history.files()).stream().map(GenerationRecord::sound).toList();
	}

}
