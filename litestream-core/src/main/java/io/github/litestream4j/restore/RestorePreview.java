package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

/**
 * What a restore would make, and what of.
 *
 * @param txid the transaction that the database would stand at
 * @param time that transaction's time, as the replica keeps it
 * @param files the files that make the state, in the order in which they apply, at least
 * one
 * @param bytes how many bytes these files have; where the newest one has a database
 * checksum a restore reads fewer
 * @param pageSize in bytes
 * @param pageCount the database's size in pages
 */
public record RestorePreview(Txid txid, Instant time, List<StoredFile> files, long bytes, int pageSize,
		long pageCount) {

	public RestorePreview {
		files = List.copyOf(files);
	}

}
