package io.github.litestream4j.replication;

import java.util.List;

import io.github.litestream4j.storage.StoredFile;

/**
 * What a replica holds, as people ask for it.
 *
 * @param generations those that have a file, in order
 * @param snapshots ascending
 */
public record ReplicaContents(List<GenerationSpan> generations, List<StoredFile> snapshots) {

	public ReplicaContents {
		generations = List.copyOf(generations);
		snapshots = List.copyOf(snapshots);
	}

}
