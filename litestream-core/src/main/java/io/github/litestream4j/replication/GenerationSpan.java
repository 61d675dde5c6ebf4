package io.github.litestream4j.replication;

import io.github.litestream4j.ltx.Txid;

/**
 * How far a generation reaches.
 *
 * @param generation which
 * @param lastTxid its last transaction: of the one that is being written the last that is
 * stored, and before its first is stored the one before that
 * @param current whether it is the one that is being written
 */
public record GenerationSpan(Generation generation, Txid lastTxid, boolean current) {

}
