package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

/**
 * What a restore would make, and what of.
 *
 * @param txid the transaction that the database would stand at; 0 when it would be
 * restored from files of Litestream 0.3, which have none
 * @param time that transaction's time, as the replica keeps it
 * @param files the files that make the state, in the order in which they apply; none when
 * those are files of Litestream 0.3
 * @param bytes how many bytes these files have; where the newest one has a database
 * checksum a restore reads fewer
 * @param pageSize in bytes; 0 when it is not known before the files are read, which is so
 * for those of Litestream 0.3
 * @param pageCount the database's size in pages; 0 likewise
 */
public record RestorePreview(Txid txid, Instant time, List<StoredFile> files, long bytes, int pageSize,
		long pageCount) {

	public RestorePreview {
		files = List.copyOf(files);
	}

}
