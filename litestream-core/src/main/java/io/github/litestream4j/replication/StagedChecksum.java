package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

import io.github.litestream4j.CorruptDataException;

/**
 * The database's checksum behind the LTX bytes of a staged file, so that it is still
 * stored with the file after a restart. It never leaves the staging folder with the bytes
 * themselves.
 */
final class StagedChecksum {

	private static final int LENGTH = 3 * Long.BYTES;

	/** No LTX file has this in its place: the post-apply checksum of ours is 0. */
	private static final long MAGIC = 0x4c5350434b534d32L;

	private StagedChecksum() {
	}

	/**
	 * What is written behind the file.
	 */
	static ByteBuffer encode(OptionalLong checksum) {
		ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
		checksum.ifPresent((known) -> buffer.putLong(MAGIC).putLong(known).putLong(crc(buffer)));
		return buffer.flip();
	}

	/**
	 * Look behind a file.
	 * @param path the staged file
	 * @return where its LTX bytes end, and the checksum
	 * @throws CorruptDataException when there is a checksum, and it is damaged
	 */
	static Found find(Path path) throws IOException {
		try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
			long size = channel.size();
			ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
			long position = size - LENGTH;
			while (position >= 0 && buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
				// until it is whole
			}
			if (buffer.hasRemaining() || buffer.getLong(0) != MAGIC) {
				return new Found(size, OptionalLong.empty());
			}
			if (buffer.getLong(2 * Long.BYTES) != crc(buffer)) {
				throw new CorruptDataException(
						"%s: the database's checksum behind the file is damaged".formatted(path));
			}
			return new Found(position, OptionalLong.of(buffer.getLong(Long.BYTES)));
		}
	}

	private static long crc(ByteBuffer buffer) {
		CRC32C crc = new CRC32C();
		crc.update(buffer.array(), 0, 2 * Long.BYTES);
		return crc.getValue();
	}

	/**
	 * What a staged file consists of.
	 *
	 * @param length the length of the LTX file in bytes
	 * @param checksum the database's checksum, empty when it was not known
	 */
	record Found(long length, OptionalLong checksum) {

	}

}
