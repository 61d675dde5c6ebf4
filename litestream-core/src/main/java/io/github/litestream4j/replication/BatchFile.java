package io.github.litestream4j.replication;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.OptionalLong;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalBatch;

/**
 * A batch of transactions on its way into a staged file, and what it does to the
 * checksums of the pages and of the database. Not safe for use by several threads.
 */
final class BatchFile implements AutoCloseable {

	/** How much of the WAL is turned into a file in memory, in bytes. */
	private static final int IN_MEMORY = 2 << 20;

	private final Txid txid;

	private final WalBatch batch;

	private final Staging staging;

	private final PageChecksums checksums;

	private final PageSums sums;

	private OptionalLong checksum = OptionalLong.empty();

	/**
	 * Prepare a file.
	 * @param txid its TXID
	 * @param batch what it is made of
	 * @param staging where it is staged
	 * @param checksums know the database before it
	 */
	BatchFile(Txid txid, WalBatch batch, Staging staging, PageChecksums checksums) {
		this.txid = txid;
		this.batch = batch;
		this.staging = staging;
		this.checksums = checksums;
		this.sums = new PageSums(staging.scratch());
	}

	Txid txid() {
		return this.txid;
	}

	/** The database's checksum after it, once it is staged; 0 when it is not known. */
	long checksum() {
		return this.checksum.orElse(0);
	}

	/**
	 * Stage it, and note aside what it changes.
	 * @param formerCommit the database's size before it, in pages
	 * @param database where pages are found that were never written
	 * @param timestamp its time
	 * @param since when the oldest commit in it was made, as {@link System#nanoTime}
	 */
	StagedFile stage(long formerCommit, LiveDatabase database, Instant timestamp, long since) throws IOException {
		IncrementalFile file = new IncrementalFile(this.batch, formerCommit, database, this.staging.scratch());
		long bytes = this.batch.end().offset() - this.batch.start().offset();
		if (bytes > IN_MEMORY) {
			return this.staging.write(this.txid, timestamp, (out) -> file.write(out, this.txid, timestamp, this.sums),
					this::note, since);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream((int) (bytes / 2) + 1024);
		file.write(out, this.txid, timestamp, this.sums);
		return this.staging.write(this.txid, timestamp, out.toByteArray(), note(), since);
	}

	private OptionalLong note() throws IOException {
		this.checksum = this.checksums.prepare(this.txid.value(), this.sums, this.batch.commit());
		return this.checksum;
	}

	/**
	 * Change the pages' checksums, once the position is noted.
	 */
	void changeChecksums() throws IOException {
		this.checksums.change(this.sums, this.batch.commit(), this.checksum);
	}

	@Override
	public void close() throws IOException {
		this.sums.close();
	}

}
