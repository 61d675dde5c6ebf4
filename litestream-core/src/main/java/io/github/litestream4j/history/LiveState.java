package io.github.litestream4j.history;

import io.github.litestream4j.ltx.Txid;

/**
 * A live database as it stood at one transaction, read in a read transaction: what a
 * restore to that transaction must give.
 *
 * @param txid the transaction
 * @param checksum the checksum of the whole database, as LTX defines it
 * @param pages its size in pages
 */
public record LiveState(Txid txid, long checksum, long pages) {

}
