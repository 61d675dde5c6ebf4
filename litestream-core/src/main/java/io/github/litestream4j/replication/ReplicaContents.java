package io.github.litestream4j.replication;

import java.util.List;

import io.github.litestream4j.storage.StoredFile;

/**
 * What a replica holds, as people ask for it.
 *
 * @param generations those that have a file and a sound record, in order
 * @param damaged those of them whose record is damaged, in order
 * @param snapshots ascending
 */
public record ReplicaContents(List<GenerationSpan> generations, List<DamagedGeneration> damaged,
		List<StoredFile> snapshots) {

	public ReplicaContents {
		generations = List.copyOf(generations);
		damaged = List.copyOf(damaged);
		snapshots = List.copyOf(snapshots);
	}

}
