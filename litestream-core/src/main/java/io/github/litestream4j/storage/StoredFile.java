package io.github.litestream4j.storage;

import java.time.Instant;

/**
 * One file of a listing.
 *
 * @param key its level and name
 * @param size its size in bytes
 * @param lastModified when the storage says that it was written: a replica's own time is
 * {@link ReplicaStorage#timestamp}, which in a folder is the same
 */
public record StoredFile(LtxKey key, long size, Instant lastModified) {

}
