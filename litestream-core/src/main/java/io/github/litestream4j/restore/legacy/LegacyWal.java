package io.github.litestream4j.restore.legacy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.wal.WalChain;
import io.github.litestream4j.wal.WalHeader;

import org.jspecify.annotations.Nullable;

/**
 * Applies one WAL to a database as its parts come. SQLite, and Litestream with it, would
 * take a WAL to end where a frame does not continue it, and go on with an older state.
 * But what Litestream stored it had checked in the same way before, and it stored one run
 * of a WAL under one index only: here such a frame is damage. Not safe for use by several
 * threads.
 */
final class LegacyWal implements AutoCloseable {

	private final DatabaseFile database;

	private final ScratchFolder scratch;

	private byte[] frame = new byte[WalHeader.SIZE];

	private int filled;

	/** How many bytes of the WAL have come. */
	private long position;

	private @Nullable WalHeader header;

	private @Nullable WalChain chain;

	private @Nullable PendingPages pending;

	/** The database's size after the last transaction, in pages; 0 when none ended. */
	private long commit;

	LegacyWal(DatabaseFile database, ScratchFolder scratch) {
		this.database = database;
		this.scratch = scratch;
	}

	/**
	 * Apply the next part.
	 * @param file which
	 * @param in its bytes
	 * @throws UnreachablePointException when it does not begin where the last one ended
	 */
	void add(LegacyFile file, InputStream in) throws IOException {
		if (file.offset() != this.position) {
			throw new UnreachablePointException(
					"There is a gap before %s: expected the WAL %08x to go on at offset %d, found a part that begins at %d. Restore to a time before %s, or bring the missing file back."
						.formatted(file, file.index(), this.position, file.offset(), file.lastModified()));
		}
		for (int read = read(in); read >= 0; read = read(in)) {
			this.filled += read;
			this.position += read;
			if (this.filled == this.frame.length) {
				this.filled = 0;
				if (this.header == null) {
					begin(file);
				}
				else {
					apply(file);
				}
			}
		}
		if (this.filled != 0) {
			throw new CorruptDataException(
					"%s is damaged: expected it to end with a frame of the WAL, found its end %d bytes into one, at offset %d"
						.formatted(file, this.filled, this.position));
		}
	}

	private int read(InputStream in) throws IOException {
		return in.read(this.frame, this.filled, this.frame.length - this.filled);
	}

	private void begin(LegacyFile file) throws IOException {
		WalHeader header = WalHeader.decode(this.frame, file.toString());
		int pageSize = this.database.pageSize();
		if (pageSize != 0 && pageSize != header.pageSize()) {
			throw new CorruptDataException("%s has pages of %d bytes, but the database before it has pages of %d"
				.formatted(file, header.pageSize(), pageSize));
		}
		this.header = header;
		this.chain = new WalChain(header);
		this.pending = new PendingPages(this.scratch, header.frameSize());
		this.frame = new byte[header.frameSize()];
	}

	private void apply(LegacyFile file) throws IOException {
		WalChain chain = this.chain;
		PendingPages pending = this.pending;
		if (chain == null || pending == null) {
			throw new IllegalStateException("no header came");
		}
		Optional<String> flaw = chain.next(this.frame);
		if (flaw.isPresent()) {
			throw new CorruptDataException(
					"%s is damaged: the frame at offset %d of the WAL does not continue it: %s. Restore to a time before %s."
						.formatted(file, this.position - this.frame.length, flaw.get(), file.lastModified()));
		}
		pending.add(this.frame);
		long commit = WalChain.commit(this.frame);
		if (commit != 0) {
			int pageSize = this.frame.length - WalHeader.FRAME_HEADER_SIZE;
			pending.drain((number, page) -> this.database.write(page, (number - 1) * pageSize));
			this.commit = commit;
		}
	}

	/**
	 * End here.
	 * @param last whether no other WAL follows: then a transaction that has not ended is
	 * left out, as its end was not stored in time
	 * @throws UnreachablePointException when the end of the WAL is missing
	 */
	void finish(LegacyFile end, boolean last) throws IOException {
		if (!last && this.pending != null && !this.pending.isEmpty()) {
			throw new UnreachablePointException(
					"There is a gap after %s: the WAL %08x goes on in the midst of a transaction, but its next part at offset %d is missing. Restore to a time before %s, or bring the missing file back."
						.formatted(end, end.index(), this.position, end.lastModified()));
		}
		WalHeader header = this.header;
		if (header != null && this.commit != 0) {
			this.database.resize(this.commit * header.pageSize());
		}
	}

	@Override
	public void close() throws IOException {
		PendingPages open = this.pending;
		if (open != null) {
			open.close();
		}
	}

}
