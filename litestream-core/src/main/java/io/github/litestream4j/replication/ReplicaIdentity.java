package io.github.litestream4j.replication;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.github.litestream4j.storage.MetaDocument;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * Which database a replica holds. It stands in the replica and, the same bytes, beside
 * the database file.
 *
 * @param id a UUID
 * @param pageSize the database's, in bytes
 * @param created when the replica was begun
 */
record ReplicaIdentity(String id, int pageSize, Instant created) {

	/** The file's name below {@code meta/}. */
	static final String NAME = "replica.json";

	static ReplicaIdentity create(int pageSize) {
		return new ReplicaIdentity(UUID.randomUUID().toString(), pageSize,
				Instant.ofEpochMilli(System.currentTimeMillis()));
	}

	/**
	 * Read the identity of a replica.
	 * @return empty when it has none
	 */
	static Optional<ReplicaIdentity> of(ReplicaStorage storage) {
		return storage.readMeta(NAME).map((bytes) -> decode(bytes, place(storage)));
	}

	static String place(ReplicaStorage storage) {
		return "meta/" + NAME + " in " + storage.url();
	}

	static ReplicaIdentity decode(byte[] bytes, String place) {
		MetaDocument document = MetaDocument.decode(bytes, place);
		String id = document.get("id");
		String pageSize = document.get("pageSize");
		String created = document.get("created");
		try {
			return new ReplicaIdentity(UUID.fromString(id).toString(), Integer.parseInt(pageSize),
					Instant.parse(created));
		}
		catch (NumberFormatException ex) {
			throw document.invalid("pageSize", "a number", pageSize);
		}
		catch (IllegalArgumentException ex) {
			throw document.invalid("id", "a UUID", id);
		}
		catch (DateTimeException ex) {
			throw document.invalid("created", "a time", created);
		}
	}

	byte[] encode() {
		Map<String, String> members = new LinkedHashMap<>();
		members.put("id", this.id);
		members.put("pageSize", Integer.toString(this.pageSize));
		members.put("created", this.created.toString());
		return MetaDocument.encode(members);
	}

}
