package io.github.litestream4j.torture;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The hash of one row of a content table: 40 bits, so that sums stay exact.
 */
final class RowHash {

	private RowHash() {
	}

	static long of(String table, long id, byte[] data) {
		CRC32 crc = new CRC32();
		crc.update(ByteBuffer.allocate(12).putInt(table.hashCode()).putLong(id).flip());
		crc.update(data);
		return (crc.getValue() << 8) | (data.length & 0xff);
	}

}
