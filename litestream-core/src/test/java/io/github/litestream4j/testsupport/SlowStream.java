package io.github.litestream4j.testsupport;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits after each chunk.
 */
final class SlowStream extends FilterOutputStream {

	private static final int CHUNK = 64 * 1024;

	private final Duration pause;

	private int written;

	SlowStream(OutputStream out, Duration pause) {
		super(out);
		this.pause = pause;
	}

	@Override
	public void write(int one) throws IOException {
		this.out.write(one);
		count(1);
	}

	@Override
	public void write(byte[] bytes, int offset, int count) throws IOException {
		this.out.write(bytes, offset, count);
		count(count);
	}

	private void count(int bytes) throws IOException {
		this.written += bytes;
		for (; this.written >= CHUNK; this.written -= CHUNK) {
			try {
				TimeUnit.NANOSECONDS.sleep(this.pause.toNanos());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("interrupted while the storage was slow");
			}
		}
	}

}
