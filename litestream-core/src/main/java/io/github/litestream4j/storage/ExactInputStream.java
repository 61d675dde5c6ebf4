package io.github.litestream4j.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives exactly as many bytes as were asked for: a source that ends before is an
 * {@link EOFException}, never a short file, and what it has beyond is left unread.
 */
public final class ExactInputStream extends InputStream {

	private final InputStream in;

	private final String name;

	private final long length;

	private long remaining;

	/**
	 * Wrap a stream, which is closed with this one.
	 * @param in the source
	 * @param length how many bytes to give
	 * @param name what is read, for the message
	 */
	public ExactInputStream(InputStream in, long length, String name) {
		this.in = in;
		this.name = name;
		this.length = length;
		this.remaining = length;
	}

	/**
	 * Whether all the bytes were read.
	 * @return {@code false} when the stream is closed early
	 */
	public boolean isExhausted() {
		return this.remaining == 0;
	}

	@Override
	public int read() throws IOException {
		if (this.remaining == 0) {
			return -1;
		}
		int value = this.in.read();
		if (value < 0) {
			throw ended();
		}
		this.remaining--;
		return value;
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		if (count == 0) {
			return 0;
		}
		if (this.remaining == 0) {
			return -1;
		}
		int read = this.in.read(buffer, offset, (int) Math.min(count, this.remaining));
		if (read < 0) {
			throw ended();
		}
		this.remaining -= read;
		return read;
	}

	@Override
	public int available() throws IOException {
		return (int) Math.min(this.in.available(), this.remaining);
	}

	@Override
	public void close() throws IOException {
		this.in.close();
	}

	private EOFException ended() {
		return new EOFException(
				this.name + " ended after " + (this.length - this.remaining) + " of " + this.length + " bytes");
	}

}
