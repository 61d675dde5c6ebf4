package io.github.litestream4j.testsupport;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Breaks after some bytes.
 */
final class CutStream extends FilterInputStream {

	private long left;

	CutStream(InputStream in, long left) {
		super(in);
		this.left = left;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		if (this.left == 0) {
			throw new IOException("the connection breaks on demand");
		}
		int read = super.read(buffer, offset, (int) Math.min(count, this.left));
		this.left -= Math.max(read, 0);
		return read;
	}

}
