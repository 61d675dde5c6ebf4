package io.github.litestream4j.replication;

import io.github.litestream4j.ltx.Txid;

/**
 * A generation whose record is damaged. Its files are what they are: a record is only
 * told to people.
 *
 * @param firstTxid its first transaction, by the name of its record
 * @param lastTxid its last transaction
 * @param damage what is wrong with the record, and where that is
 */
public record DamagedGeneration(Txid firstTxid, Txid lastTxid, String damage) {

}
