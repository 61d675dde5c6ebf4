package io.github.litestream4j.storage;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What is stored with a file, beside its bytes.
 *
 * @param timestamp its time, see {@link ReplicaStorage#timestamp}
 * @param databaseChecksum the checksum of the whole database at the file's last
 * transaction, see {@link ReplicaStorage#databaseChecksum}; empty when it is not known
 */
public record FileAttributes(Instant timestamp, OptionalLong databaseChecksum) {

	/**
	 * Those of a file whose database's checksum is not known.
	 * @param timestamp its time
	 * @return the attributes
	 */
	public static FileAttributes at(Instant timestamp) {
		return new FileAttributes(timestamp, OptionalLong.empty());
	}

}
