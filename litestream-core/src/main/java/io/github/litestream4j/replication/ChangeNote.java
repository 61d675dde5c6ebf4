package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * The file in which the change of some pages' checksums is noted before it is made, in
 * constant memory. Not safe for use by several threads.
 */
final class ChangeNote {

	private static final int HEADER = 4 * Long.BYTES;

	private static final int ENTRY = 2 * Long.BYTES;

	private static final int PIECE = 1 << 16;

	private final SteadyFile file;

	ChangeNote(SteadyFile file) {
		this.file = file;
	}

	/**
	 * Note a change in the place of the one before.
	 * @param txid the transaction's TXID
	 * @param commit the database's size after it, in pages
	 * @param sums what the checksums of the pages in it are to be
	 */
	void write(long txid, long commit, PageSums sums) throws IOException {
		ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(sums.size(), 1) * ENTRY));
		CRC32C crc = new CRC32C();
		long[] position = { HEADER };
		sums.forEach((page, sum) -> {
			if (!piece.hasRemaining()) {
				position[0] += writePiece(piece, position[0], crc);
			}
			piece.putLong(page).putLong(sum);
		});
		writePiece(piece, position[0], crc);
		// Last: until then the file holds no sound change, and none is made once more
		ByteBuffer header = ByteBuffer.allocate(HEADER);
		header.putLong(txid).putLong(commit).putLong(sums.size()).putLong(crc.getValue());
		this.file.write(header.flip(), 0);
	}

	private int writePiece(ByteBuffer piece, long position, CRC32C crc) throws IOException {
		int length = piece.position();
		crc.update(piece.array(), 0, length);
		this.file.write(piece.flip(), position);
		piece.clear();
		return length;
	}

	/**
	 * Read the noted change of a transaction.
	 * @param txid its TXID
	 * @param visitor is given each page and what its checksum is to be
	 * @return the database's size after it, in pages; empty when no sound change of that
	 * transaction is noted: then the visitor was given nothing
	 */
	OptionalLong read(long txid, PageSums.Visitor visitor) throws IOException {
		ByteBuffer header = ByteBuffer.allocate(HEADER);
		if (this.file.read(header, 0) < HEADER) {
			return OptionalLong.empty();
		}
		long size = header.getLong(2 * Long.BYTES);
		if (header.getLong(0) != txid || size < 0 || size > (this.file.size() - HEADER) / ENTRY) {
			return OptionalLong.empty();
		}
		CRC32C crc = new CRC32C();
		forEachPiece(size, crc::update);
		if (header.getLong(3 * Long.BYTES) != crc.getValue()) {
			return OptionalLong.empty();
		}
		forEachPiece(size, (piece) -> {
			while (piece.hasRemaining()) {
				visitor.page(piece.getLong(), piece.getLong());
			}
		});
		return OptionalLong.of(header.getLong(Long.BYTES));
	}

	private void forEachPiece(long size, PieceReader reader) throws IOException {
		ByteBuffer piece = ByteBuffer.allocate(PIECE);
		long end = HEADER + size * ENTRY;
		for (long at = HEADER; at < end; at += piece.limit()) {
			piece.clear().limit((int) Math.min(PIECE, end - at));
			if (this.file.read(piece, at) < piece.limit()) {
				throw new IOException("the noted change of the checksums of pages ends before byte " + end);
			}
			reader.read(piece.flip());
		}
	}

	/** Takes a piece of the file: whole entries. */
	@FunctionalInterface
	private interface PieceReader {

		void read(ByteBuffer piece) throws IOException;

	}

}
