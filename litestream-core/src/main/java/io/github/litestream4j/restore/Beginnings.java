package io.github.litestream4j.restore;

import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * With which TXIDs a replica's histories begin, as the records of its generations say.
 * They are listed when they are first asked for. Not safe for use by several threads.
 */
final class Beginnings {

	private final ReplicaStorage storage;

	private @Nullable List<String> records;

	/**
	 * Create it; nothing is asked for.
	 * @param storage the replica
	 */
	Beginnings(ReplicaStorage storage) {
		this.storage = storage;
	}

	/**
	 * Whether a history begins with a TXID. Litestream's replicas have no records: its
	 * histories go on with the next TXID whatever happens.
	 */
	boolean isRecorded(Txid first) {
		return records().contains(new GenerationName(first).toString());
	}

	private List<String> records() {
		List<String> names = this.records;
		if (names == null) {
			names = this.storage.listMeta(GenerationName.FOLDER);
			this.records = names;
		}
		return names;
	}

}
