package io.github.litestream4j.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestorePreview;
import org.jspecify.annotations.Nullable;

/**
 * What a restore would do, as it is shown.
 *
 * @param replica the replica's URL
 * @param target the database file, {@code null} when none was named
 * @param dryRun that nothing was restored
 * @param txid the transaction that it would stand at, 16 hex digits; {@code null} where
 * the files are of Litestream 0.3, which has none
 * @param time that transaction's time
 * @param pageSize in bytes; 0 where the files are of Litestream 0.3
 * @param pageCount the database's size in pages; 0 likewise
 * @param bytes how many bytes the files have: the most that would be read
 * @param files the files, in the order in which they apply; none where they are of
 * Litestream 0.3
 */
record RestorePlanView(String replica, @Nullable String target, boolean dryRun, @Nullable String txid, Instant time,
		int pageSize, long pageCount, long bytes, List<PlannedFile> files) {

	private static final String FORMAT = "%5s  %-16s  %-16s  %12s";

	static RestorePlanView of(String replica, @Nullable Path target, RestorePreview preview) {
		List<PlannedFile> files = preview.files()
			.stream()
			.map((file) -> new PlannedFile(file.key().level(), file.key().name().min().toString(),
					file.key().name().max().toString(), file.size()))
			.toList();
		return new RestorePlanView(replica, (target != null) ? target.toAbsolutePath().normalize().toString() : null,
				true, preview.txid().equals(Txid.ZERO) ? null : preview.txid().toString(), preview.time(),
				preview.pageSize(), preview.pageCount(), preview.bytes(), files);
	}

	void print(Output output) {
		String what = (this.target != null) ? this.target : "The database";
		if (this.txid == null) {
			output.line("%s would be restored at %s, from files of Litestream 0.3 (%s)", what, this.time,
					Sizes.bytes(this.bytes));
			return;
		}
		output.line("%s would be restored at TXID %s of %s: %d pages of %d bytes (%s), from %d files (%s):", what,
				this.txid, this.time, this.pageCount, this.pageSize, Sizes.bytes(this.pageCount * this.pageSize),
				this.files.size(), Sizes.bytes(this.bytes));
		output.line(FORMAT, "LEVEL", "MIN TXID", "MAX TXID", "BYTES");
		this.files.forEach((file) -> output.line(FORMAT, file.level(), file.minTxid(), file.maxTxid(), file.size()));
	}

	/**
	 * A file that would be read.
	 *
	 * @param level its level
	 * @param minTxid the first transaction, 16 hex digits
	 * @param maxTxid the last transaction, 16 hex digits
	 * @param size in bytes
	 */
	record PlannedFile(int level, String minTxid, String maxTxid, long size) {

	}

}
