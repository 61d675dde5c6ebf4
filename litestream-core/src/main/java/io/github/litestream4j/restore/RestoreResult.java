package io.github.litestream4j.restore;

import java.time.Duration;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.legacy.LegacyTakeover;

import org.jspecify.annotations.Nullable;

/**
 * What a restore did.
 *
 * @param txid the transaction that the database stands at; 0 when it was restored from
 * files of Litestream 0.3, which have none
 * @param pageSize in bytes
 * @param pageCount the database's size in pages
 * @param checksum the checksum of the whole database, as LTX defines it; 0 when it was
 * restored from files of Litestream 0.3
 * @param files how many stored files it read from
 * @param bytesRead how many bytes it read from the storage
 * @param took how long it took
 * @param takeover what is to be stored before the database's history goes on in the same
 * replica; {@code null} unless it was restored from files of Litestream 0.3
 */
public record RestoreResult(Txid txid, int pageSize, long pageCount, long checksum, int files, long bytesRead,
		Duration took, @Nullable LegacyTakeover takeover) {

	public RestoreResult(Txid txid, int pageSize, long pageCount, long checksum, int files, long bytesRead,
			Duration took) {
		this(txid, pageSize, pageCount, checksum, files, bytesRead, took, null);
	}

}
