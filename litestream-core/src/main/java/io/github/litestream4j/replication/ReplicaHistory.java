package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * What a replica holds, by its listings.
 *
 * @param files every file, ascending by first transaction
 * @param end the end of the contiguous history, 0 when there is none
 * @param max the largest TXID that any file names, 0 when there is none
 */
record ReplicaHistory(List<StoredFile> files, Txid end, Txid max) {

	/**
	 * List every level.
	 * @param storage the replica
	 * @return its history: empty only when every listing succeeded and was empty
	 */
	static ReplicaHistory of(ReplicaStorage storage) {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(storage.list(level));
		}
		files.sort(Comparator.comparing((file) -> file.key().name()));
		Txid end = Txid.ZERO;
		Txid max = Txid.ZERO;
		boolean broken = false;
		for (StoredFile file : files) {
			Txid last = file.key().name().max();
			if (last.value() < 0) {
				throw new CorruptDataException(
						"%s in %s names a TXID that no history reaches: expected at most %s. Was the file made by hand? Move it out of the replica."
							.formatted(file.key(), storage.url(), new Txid(Long.MAX_VALUE)));
			}
			broken |= file.key().name().min().isAfter(end.next());
			if (!broken && last.isAfter(end)) {
				end = last;
			}
			if (last.isAfter(max)) {
				max = last;
			}
		}
		return new ReplicaHistory(List.copyOf(files), end, max);
	}

	/**
	 * Where the contiguous history would end with more files in it.
	 * @param files what would be stored
	 */
	Txid endWith(List<StagedFile> files) {
		List<LtxFileName> names = new ArrayList<>();
		this.files.forEach((file) -> names.add(file.key().name()));
		files.forEach((file) -> names.add(LtxFileName.of(file.txid())));
		Collections.sort(names);
		return reached(this.end, names);
	}

	/**
	 * Where a contiguous history ends that has reached a TXID, with what is stored here.
	 * @param txid the TXID
	 */
	Txid endFrom(Txid txid) {
		return reached(txid, this.files.stream().map((file) -> file.key().name()).toList());
	}

	private static Txid reached(Txid from, List<LtxFileName> ascending) {
		Txid reached = from;
		for (LtxFileName name : ascending) {
			if (name.max().isAfter(reached) && !name.min().isAfter(reached.next())) {
				reached = name.max();
			}
		}
		return reached;
	}

	boolean isEmpty() {
		return this.files.isEmpty();
	}

	/**
	 * The header of the newest file.
	 * @param storage the replica
	 * @return empty when there is no file
	 */
	Optional<LtxHeader> newest(ReplicaStorage storage) {
		return newest().map((file) -> header(storage, file.key()));
	}

	/**
	 * The file with the largest last TXID, the one that it was made of where several have
	 * it.
	 */
	Optional<StoredFile> newest() {
		return newestFirst().stream().findFirst();
	}

	/**
	 * Every file, the one with the largest last TXID first.
	 */
	List<StoredFile> newestFirst() {
		return this.files.stream()
			.sorted(Comparator.comparing((StoredFile file) -> file.key().name().max())
				.thenComparing((file) -> file.key().name().min())
				.reversed())
			.toList();
	}

	private static LtxHeader header(ReplicaStorage storage, LtxKey key) {
		try (InputStream in = storage.read(key, 0, LtxHeader.SIZE)) {
			return LtxHeader.decode(ByteBuffer.wrap(in.readNBytes(LtxHeader.SIZE)));
		}
		catch (CorruptDataException ex) {
			throw new CorruptDataException(
					"%s in %s, the replica's newest file, is damaged: %s. Move it out of the replica: the next start stores it again where it still has it, or else begins a new history."
						.formatted(key, storage.url(), ex.getMessage()),
					ex);
		}
		catch (IOException ex) {
			throw new StorageUnavailableException(
					"Cannot read the header of %s in %s: %s".formatted(key, storage.url(), ex.getMessage()), ex);
		}
	}

}
