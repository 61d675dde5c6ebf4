package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.wal.WalPosition;

/**
 * Keeps the position over a restart: two slots, written in turn, of which the newer sound
 * one counts. A write that a crash cut short leaves the other slot. Not safe for use by
 * several threads.
 */
final class PositionFile implements AutoCloseable {

	private static final long MAGIC = 0x4c53504f53303033L;

	private static final int LENGTH = 96;

	/** Two slots never share a sector. */
	private static final int SLOT_DISTANCE = 4096;

	private final SteadyFile file;

	private long sequence;

	private Optional<CapturePosition> position = Optional.empty();

	/** Whose the position is that was read, 0 when it does not say. */
	private long owner;

	PositionFile(Path path) throws IOException {
		this.file = new SteadyFile(path);
		load(0);
		load(SLOT_DISTANCE);
	}

	private void load(long offset) throws IOException {
		ByteBuffer slot = ByteBuffer.allocate(LENGTH);
		if (this.file.read(slot, offset) < LENGTH) {
			return;
		}
		slot.flip();
		if (slot.getLong() != MAGIC || slot.getInt(LENGTH - 4) != checksum(slot)) {
			return;
		}
		long sequence = slot.getLong();
		if (sequence <= this.sequence) {
			return;
		}
		this.sequence = sequence;
		Txid txid = new Txid(slot.getLong());
		int pageSize = slot.getInt();
		boolean sealed = slot.getInt() != 0;
		long commit = slot.getLong();
		WalPosition wal = new WalPosition(slot.getInt(), slot.getInt(), slot.getLong(), slot.getInt(), slot.getInt());
		long checksum = slot.getLong();
		Txid proven = new Txid(slot.getLong());
		this.owner = slot.getLong();
		// A page size of 0 marks a position that was given up
		this.position = (pageSize == 0) ? Optional.empty()
				: Optional.of(new CapturePosition(txid, pageSize, commit, wal, sealed, checksum, proven));
	}

	private static int checksum(ByteBuffer slot) {
		CRC32C crc = new CRC32C();
		crc.update(slot.array(), 0, LENGTH - 4);
		return (int) crc.getValue();
	}

	/**
	 * The position that was written last.
	 * @return empty when there is none that can be trusted
	 */
	Optional<CapturePosition> position() {
		return this.position;
	}

	/**
	 * Whether the position, and all that is staged up to it, is in the history of a
	 * certain replica, as far as it says.
	 * @return empty when it does not
	 */
	Optional<Boolean> isIn(ReplicaIdentity replica) {
		return (this.owner != 0) ? Optional.of(this.owner == owner(replica)) : Optional.empty();
	}

	/**
	 * From now on every position is one in the history of a certain replica.
	 */
	void belongsTo(ReplicaIdentity replica) {
		this.owner = owner(replica);
	}

	private static long owner(ReplicaIdentity replica) {
		UUID id = UUID.fromString(replica.id());
		return id.getMostSignificantBits() ^ id.getLeastSignificantBits();
	}

	/**
	 * Write the position, for this process's end; see {@link #force} for the machine's.
	 */
	void write(CapturePosition position) throws IOException {
		write(position.txid(), position.pageSize(), position);
		this.position = Optional.of(position);
	}

	/**
	 * Give the position up: the next start will not continue from it.
	 */
	void clear(Txid txid) throws IOException {
		this.position = Optional.empty();
		write(txid, 0, new CapturePosition(txid, 0, 0, CapturePosition.NO_WAL, false));
	}

	private void write(Txid txid, int pageSize, CapturePosition position) throws IOException {
		long sequence = this.sequence + 1;
		ByteBuffer slot = ByteBuffer.allocate(LENGTH);
		WalPosition wal = position.wal();
		slot.putLong(MAGIC).putLong(sequence).putLong(txid.value()).putInt(pageSize);
		slot.putInt(position.sealed() ? 1 : 0).putLong(position.commit()).putInt(wal.salt1()).putInt(wal.salt2());
		slot.putLong(wal.offset()).putInt(wal.checksum1()).putInt(wal.checksum2());
		slot.putLong(position.checksum()).putLong(position.proven().value()).putLong(this.owner);
		slot.putInt(LENGTH - 4, checksum(slot));
		slot.clear();
		this.file.write(slot, (sequence & 1) * SLOT_DISTANCE);
		// Only now: a write that failed is tried again in the same slot, and never in the
		// one that is sound
		this.sequence = sequence;
	}

	void force() throws IOException {
		this.file.force();
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
