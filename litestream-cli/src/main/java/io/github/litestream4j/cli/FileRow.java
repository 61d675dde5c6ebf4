package io.github.litestream4j.cli;

import java.time.Instant;

import io.github.litestream4j.storage.StoredFile;

/**
 * A stored file, as it is listed.
 *
 * @param level 0 for single transactions, 1 to 8 for merged ones, 9 for snapshots
 * @param minTxid the first transaction, 16 hex digits
 * @param maxTxid the last transaction, 16 hex digits
 * @param size in bytes
 * @param time its time
 */
record FileRow(int level, String minTxid, String maxTxid, long size, Instant time) {

	private static final String FORMAT = "%5s  %-16s  %-16s  %12s  %s";

	static FileRow of(StoredFile file, Instant time) {
		return new FileRow(file.key().level(), file.key().name().min().toString(), file.key().name().max().toString(),
				file.size(), time);
	}

	static void header(Output output) {
		output.line(FORMAT, "LEVEL", "MIN TXID", "MAX TXID", "BYTES", "TIME");
	}

	void line(Output output) {
		output.line(FORMAT, this.level, this.minTxid, this.maxTxid, this.size, this.time);
	}

}
