package io.github.litestream4j.replication;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.MetaDocument;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * One contiguous run of history: a snapshot, or a file of the pages that differ, and all
 * that follows up to the next generation.
 *
 * @param id a UUID
 * @param firstTxid its first transaction
 * @param startedAt when it began
 * @param reason why the history had to begin anew, for example {@code first-start}
 * @param writer the process that began it
 */
public record Generation(String id, Txid firstTxid, Instant startedAt, String reason, String writer) {

	/**
	 * The generations of which a replica has a file, in order: read without a database.
	 * @param storage the replica
	 * @return the generations; empty when it has no records, as one that Litestream
	 * writes
	 * @throws StorageUnavailableException when the replica cannot be listed or read
	 * @throws CorruptDataException when a record is damaged
	 */
	public static List<Generation> all(ReplicaStorage storage) {
		return GenerationLog.all(storage, ReplicaHistory.of(storage));
	}

	static Stored decode(byte[] bytes, String place) {
		MetaDocument document = MetaDocument.decode(bytes, place);
		String startedAt = document.get("startedAt");
		try {
			Txid first = Txid.parse(document.get("firstTxid"));
			Generation generation = new Generation(document.get("id"), first, Instant.parse(startedAt),
					document.get("reason"), document.get("writer"));
			return new Stored(generation, document.find("claimTxid").map(Txid::parse).orElse(first));
		}
		catch (DateTimeException ex) {
			throw document.invalid("startedAt", "a time", startedAt);
		}
		catch (IllegalArgumentException ex) {
			throw document.invalid("firstTxid", "16 hex digits", document.get("firstTxid"));
		}
	}

	/**
	 * A record as it is stored.
	 *
	 * @param generation what it says
	 * @param claim the TXID before which the generation before ends: where other writers
	 * were shut out, or the first one when there were none to shut out
	 */
	record Stored(Generation generation, Txid claim) {

		byte[] encode() {
			Map<String, String> members = new LinkedHashMap<>();
			members.put("id", this.generation.id);
			members.put("firstTxid", this.generation.firstTxid.toString());
			members.put("claimTxid", this.claim.toString());
			members.put("startedAt", this.generation.startedAt.toString());
			members.put("reason", this.generation.reason);
			members.put("writer", this.generation.writer);
			return MetaDocument.encode(members);
		}

	}

}
