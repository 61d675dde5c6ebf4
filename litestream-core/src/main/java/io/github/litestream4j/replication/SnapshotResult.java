package io.github.litestream4j.replication;

import java.time.Instant;

import io.github.litestream4j.ltx.Txid;

/**
 * A snapshot that was asked for, and is in the replica.
 *
 * @param txid the last transaction in it
 * @param size in bytes, as it is stored
 * @param time when its newest transaction was captured
 * @param existed whether it was there already, so that nothing was stored
 */
public record SnapshotResult(Txid txid, long size, Instant time, boolean existed) {

}
