package io.github.litestream4j.restore;

import java.time.Duration;
import java.util.Locale;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log now and then how far a long restore has come. Not safe for use by several
 * threads.
 */
final class RestoreProgress {

	private static final Logger logger = LoggerFactory.getLogger(RestoreProgress.class);

	private static final long INTERVAL = Duration.ofSeconds(5).toNanos();

	private final String what;

	private final long total;

	private final long start = System.nanoTime();

	private long last = this.start;

	/**
	 * Begin now.
	 * @param what what is restored
	 * @param total how many bytes it takes
	 */
	RestoreProgress(String what, long total) {
		this.what = what;
		this.total = total;
	}

	void at(long bytes) {
		long now = System.nanoTime();
		if (now - this.last >= INTERVAL) {
			this.last = now;
			logger.info("Restoring {}: read {} of {}, {} a second", this.what, size(bytes), size(this.total),
					size((long) (bytes / ((now - this.start) / 1e9))));
		}
	}

	Duration took() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	static String size(long bytes) {
		return (bytes < 1_000_000) ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
	}

}
