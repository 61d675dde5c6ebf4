package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Instant;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;

/**
 * A file of one TXID in local staging, on its way to the replica.
 *
 * @param txid its TXID
 * @param timestamp its time
 * @param path where it is staged
 * @param content its bytes
 * @param since when the oldest commit in it was made, as {@link System#nanoTime}
 */
record StagedFile(Txid txid, Instant timestamp, Path path, Content content, long since) {

}
