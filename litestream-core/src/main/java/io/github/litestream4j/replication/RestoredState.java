package io.github.litestream4j.replication;

import io.github.litestream4j.ltx.Txid;

/**
 * What a database was restored to just now.
 *
 * @param txid the transaction that it stands at
 * @param checksum the checksum of the whole database, as LTX defines it
 */
public record RestoredState(Txid txid, long checksum) {

	/**
	 * A state that no LTX file of the replica makes: Litestream 0.3 stored it. A new
	 * history begins with it.
	 */
	public static final RestoredState ELSEWHERE = new RestoredState(Txid.ZERO, 0);

}
