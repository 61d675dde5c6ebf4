package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request for (the rest of) a range, whose stream another thread can close.
 */
final class Attempt {

	private static final Logger logger = LoggerFactory.getLogger(Attempt.class);

	private final int start;

	private volatile @Nullable InputStream stream;

	private volatile boolean closed;

	Attempt(int start) {
		this.start = start;
	}

	/**
	 * Where in the range it begins.
	 * @return how many bytes were there before
	 */
	int start() {
		return this.start;
	}

	/**
	 * Tell the stream.
	 * @throws IOException when nobody waits for it any more
	 */
	void opened(InputStream in) throws IOException {
		this.stream = in;
		if (this.closed) {
			throw new IOException("given up");
		}
	}

	/**
	 * Close the stream, so that the thread that reads it wakes up.
	 */
	void close() {
		this.closed = true;
		InputStream in = this.stream;
		if (in != null) {
			try {
				in.close();
			}
			catch (IOException | RuntimeException ex) {
				// nobody waits for this stream any more
				logger.debug("A stream that was given up did not close", ex);
			}
		}
	}

}
