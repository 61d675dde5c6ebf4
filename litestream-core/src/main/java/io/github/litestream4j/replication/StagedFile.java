package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;

/**
 * A file of one TXID in local staging, on its way to the replica.
 *
 * @param txid its TXID
 * @param timestamp its time
 * @param path where it is staged
 * @param content its bytes
 * @param checksum the database's checksum at the TXID, empty when it is not known
 * @param since when the oldest commit in it was made, as {@link System#nanoTime}
 */
record StagedFile(Txid txid, Instant timestamp, Path path, Content content, OptionalLong checksum, long since) {

	/** Where it is stored. */
	LtxKey key() {
		return new LtxKey(0, LtxFileName.of(this.txid));
	}

}
