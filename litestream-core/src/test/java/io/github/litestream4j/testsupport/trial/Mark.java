package io.github.litestream4j.testsupport.trial;

import java.time.Instant;

import io.github.litestream4j.ltx.Txid;

/**
 * A moment at which nobody wrote and all was stored.
 *
 * @param txid the last transaction in the replica
 * @param time when that was; what came after it came at least a millisecond later
 * @param number the ledger's last number at that TXID
 */
record Mark(Txid txid, Instant time, long number) {

}
