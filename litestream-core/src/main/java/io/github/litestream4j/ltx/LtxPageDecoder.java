package io.github.litestream4j.ltx;

import java.nio.ByteBuffer;
import java.util.Objects;

import io.github.litestream4j.CorruptDataException;
import net.jpountz.lz4.LZ4Exception;

/**
 * Decodes single page records, as a page index addresses them. Safe for use by several
 * threads.
 * <p>
 * A record carries no checksum of its own: one that decodes has the right form, and only
 * the file's or the database's checksum proves its content.
 */
public final class LtxPageDecoder {

	private LtxPageDecoder() {
	}

	/**
	 * Decode one record.
	 * @param buffer holds it
	 * @param offset where its page header begins
	 * @param length its exact length in bytes, page header included
	 * @param page takes the page; its length is the page size. Its content is undefined
	 * after an exception
	 * @param name what a message calls the file
	 * @return the page number, from 1
	 * @throws CorruptDataException when the record is not exactly one page
	 */
	public static long decode(byte[] buffer, int offset, int length, byte[] page, String name) {
		return decode(buffer, offset, length, page, page.length, name);
	}

	static long decode(byte[] buffer, int offset, int length, byte[] page, int pageSize, String name) {
		Objects.checkFromIndexSize(offset, length, buffer.length);
		if (length < PageRecord.BLOCK_DATA) {
			throw new CorruptDataException(name + ": expected a page, but its record has only " + length + " bytes");
		}
		ByteBuffer bytes = ByteBuffer.wrap(buffer, offset, length);
		long number = Integer.toUnsignedLong(bytes.getInt());
		int flags = Short.toUnsignedInt(bytes.getShort());
		if (number == 0 || flags > PageRecord.SIZED) {
			throw new CorruptDataException(name + ": expected a page header, but found page " + number
					+ " with flags 0x" + Integer.toHexString(flags));
		}
		String subject = name + ": page " + number;
		if (flags == 0) {
			Lz4Frame.decode(buffer, bytes.position(), bytes.remaining(), page, pageSize, subject);
			return number;
		}
		int size = bytes.getInt();
		if (size != bytes.remaining()) {
			throw new CorruptDataException(subject + ": expected " + Integer.toUnsignedString(size)
					+ " bytes of data, but its record has " + bytes.remaining());
		}
		int decoded = block(buffer, bytes.position(), size, page, 0, pageSize, subject);
		if (decoded != pageSize) {
			throw new CorruptDataException(
					subject + ": expected " + pageSize + " bytes, but its data holds " + decoded);
		}
		return number;
	}

	static int block(byte[] buffer, int offset, int length, byte[] page, int at, int room, String subject) {
		try {
			return Lz4.DECOMPRESSOR.decompress(buffer, offset, length, page, at, room);
		}
		catch (LZ4Exception ex) {
			throw new CorruptDataException(subject + ": expected an LZ4 block of at most " + room + " bytes", ex);
		}
	}

}
