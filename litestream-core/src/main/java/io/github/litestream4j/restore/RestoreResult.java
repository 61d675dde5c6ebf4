package io.github.litestream4j.restore;

import java.time.Duration;

import io.github.litestream4j.ltx.Txid;

/**
 * What a restore did.
 *
 * @param txid the transaction that the database stands at
 * @param pageSize in bytes
 * @param pageCount the database's size in pages
 * @param checksum the checksum of the whole database, as LTX defines it
 * @param files how many stored files it read from
 * @param bytesRead how many bytes it read from the storage
 * @param took how long it took
 */
public record RestoreResult(Txid txid, int pageSize, long pageCount, long checksum, int files, long bytesRead,
		Duration took) {

}
