package io.github.litestream4j.ltx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

import io.github.litestream4j.CorruptDataException;

/**
 * A window over a stream that shows as many of the next bytes as are asked for.
 */
final class LtxInput {

	private static final int BUFFER = 64 * 1024;

	private final InputStream in;

	private final String name;

	private byte[] buffer;

	private int start;

	private int end;

	private long consumed;

	LtxInput(InputStream in, String name) {
		this(in, name, BUFFER);
	}

	/**
	 * Begin a stream that may be short.
	 * @param length how much it gives at most, in bytes
	 */
	LtxInput(InputStream in, String name, long length) {
		this.in = in;
		this.name = name;
		this.buffer = new byte[(int) Math.max(PageRecord.HEADER, Math.min(BUFFER, length))];
	}

	/**
	 * Make the next bytes visible from {@link #start()}.
	 * @param length how many; what has been shown stays shown
	 * @param what what a message calls them
	 * @throws CorruptDataException when the stream ends before
	 */
	void show(int length, String what) throws IOException {
		if (this.end - this.start >= length) {
			return;
		}
		if (this.buffer.length - this.start < length) {
			byte[] target = (this.buffer.length < length) ? new byte[length] : this.buffer;
			System.arraycopy(this.buffer, this.start, target, 0, this.end - this.start);
			this.end -= this.start;
			this.start = 0;
			this.buffer = target;
		}
		while (this.end - this.start < length) {
			int count = this.in.read(this.buffer, this.end, this.buffer.length - this.end);
			if (count < 0) {
				throw new CorruptDataException(
						this.name + ": expected " + what + " at byte " + this.consumed + ", but the file ends at byte "
								+ (this.consumed + this.end - this.start) + "; it is truncated");
			}
			this.end += count;
		}
	}

	/**
	 * Whether nothing follows what has been consumed.
	 */
	boolean atEnd() throws IOException {
		return this.start == this.end && this.in.read() < 0;
	}

	/**
	 * Whether the stream ends here, for which it may be read on.
	 */
	boolean isAtEnd() throws IOException {
		if (this.start < this.end) {
			return false;
		}
		this.start = 0;
		this.end = 0;
		int count = this.in.read(this.buffer, 0, this.buffer.length);
		this.end = Math.max(count, 0);
		return count < 0;
	}

	byte[] array() {
		return this.buffer;
	}

	int start() {
		return this.start;
	}

	/**
	 * The next bytes, which must have been shown, big-endian; valid until more is shown.
	 */
	ByteBuffer peek(int length) {
		return ByteBuffer.wrap(this.buffer, this.start, length).slice();
	}

	void consume(int length) {
		this.start += length;
		this.consumed += length;
	}

	/** How many bytes have been consumed. */
	long position() {
		return this.consumed;
	}

}
