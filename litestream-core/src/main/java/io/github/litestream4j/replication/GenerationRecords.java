package io.github.litestream4j.replication;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a replica's generations, and tells what they and the files say
 * together. A damaged record hides no other.
 */
final class GenerationRecords {

	private GenerationRecords() {
	}

	static List<GenerationName> names(ReplicaStorage storage) {
		return storage.listMeta(GenerationName.FOLDER)
			.stream()
			.map(GenerationName::parse)
			.flatMap(Optional::stream)
			.toList();
	}

	/**
	 * The records of the generations that may have files, and of those that follow them
	 * and tell where they end. All the others, of which a replica may have many, cost no
	 * request.
	 */
	static List<GenerationRecord> read(ReplicaStorage storage, Collection<StoredFile> files) {
		List<GenerationName> names = names(storage).stream()
			.sorted(Comparator.comparing(GenerationName::first))
			.toList();
		Set<Txid> wanted = new HashSet<>();
		for (int i = 0; i < names.size(); i++) {
			Txid first = names.get(i).first();
			Txid next = (i + 1 < names.size()) ? names.get(i + 1).first() : null;
			if (files.stream().anyMatch((file) -> isWithin(file, first, next))) {
				wanted.add(first);
				if (next != null) {
					wanted.add(next);
				}
			}
		}
		List<GenerationRecord> records = new ArrayList<>();
		for (GenerationName name : names) {
			if (!wanted.contains(name.first())) {
				continue;
			}
			String place = "meta/" + name.metaName() + " in " + storage.url();
			storage.readMeta(name.metaName()).ifPresent((found) -> records.add(decode(name, found, place)));
		}
		return records;
	}

	private static GenerationRecord decode(GenerationName name, byte[] bytes, String place) {
		try {
			return GenerationRecord.of(Generation.decode(bytes, place));
		}
		catch (CorruptDataException ex) {
			return GenerationRecord.damaged(name.first(), ex);
		}
	}

	/**
	 * What a replica holds.
	 * @param records of its generations, in order
	 * @param files every file
	 * @param replicated the end of the stored history
	 * @param current the id of the generation that is being written, or {@code null}
	 */
	static ReplicaContents contents(List<GenerationRecord> records, Collection<StoredFile> files, Txid replicated,
			@Nullable String current) {
		List<GenerationRecord> all = counted(records, files);
		List<GenerationSpan> spans = new ArrayList<>();
		List<DamagedGeneration> damaged = new ArrayList<>();
		for (int i = 0; i < all.size(); i++) {
			GenerationRecord record = all.get(i);
			boolean written = i + 1 == all.size() && record.isOf(current);
			Txid end = written ? replicated : end(record, records, files);
			if (record.damage() != null) {
				damaged.add(new DamagedGeneration(record.first(), end, String.valueOf(record.damage().getMessage())));
			}
			else {
				spans.add(new GenerationSpan(record.sound(), end, written));
			}
		}
		List<StoredFile> snapshots = files.stream()
			.filter((file) -> file.key().level() == LtxKey.SNAPSHOT_LEVEL)
			.sorted(Comparator.comparing((file) -> file.key().name()))
			.toList();
		return new ReplicaContents(spans, damaged, snapshots);
	}

	/** Of one that nobody here writes. */
	private static Txid end(GenerationRecord record, List<GenerationRecord> records, Collection<StoredFile> files) {
		int next = records.indexOf(record) + 1;
		if (next < records.size()) {
			return new Txid(records.get(next).claim().value() - 1);
		}
		return files.stream().map((file) -> file.key().name().max()).max(Txid::compareTo).orElseThrow();
	}

	/**
	 * Those of which the replica has a file.
	 * @param records in order
	 * @param files every file
	 */
	static List<GenerationRecord> counted(List<GenerationRecord> records, Collection<StoredFile> files) {
		List<GenerationRecord> counted = new ArrayList<>();
		for (int i = 0; i < records.size(); i++) {
			Txid end = (i + 1 < records.size()) ? records.get(i + 1).claim() : null;
			Txid first = records.get(i).first();
			if (files.stream().anyMatch((file) -> isWithin(file, first, end))) {
				counted.add(records.get(i));
			}
		}
		return List.copyOf(counted);
	}

	/** A crash may leave a record without files. */
	private static boolean isWithin(StoredFile file, Txid first, @Nullable Txid end) {
		Txid last = file.key().name().max();
		return !last.isBefore(first) && (end == null || last.isBefore(end));
	}

}
