package io.github.litestream4j.restore;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log every five seconds how far a restore has come, and a listener more often.
 * Not safe for use by several threads.
 */
final class RestoreProgress {

	private static final Logger logger = LoggerFactory.getLogger(RestoreProgress.class);

	private static final long LOG_INTERVAL = Duration.ofSeconds(5).toNanos();

	private static final long LISTENER_INTERVAL = Duration.ofMillis(200).toNanos();

	/** Before, nothing can be told of what is to come. */
	private static final long FIRST_ESTIMATE = Duration.ofSeconds(1).toNanos();

	private final String what;

	private final RestoreListener listener;

	private final long start = System.nanoTime();

	private long bytesTotal;

	private long pagesTotal;

	private long logged = this.start;

	private long told = this.start - LISTENER_INTERVAL;

	/**
	 * Begin now.
	 * @param what what is restored
	 * @param bytesTotal how many bytes it takes
	 * @param listener is told, too
	 */
	RestoreProgress(String what, long bytesTotal, RestoreListener listener) {
		this.what = what;
		this.bytesTotal = bytesTotal;
		this.listener = listener;
	}

	/**
	 * The size of the database is known.
	 * @param pages in pages
	 */
	void expectPages(long pages) {
		this.pagesTotal = pages;
	}

	/**
	 * It is known better what is to be read.
	 * @param bytes how many bytes, those included that were read
	 */
	void expectBytes(long bytes) {
		this.bytesTotal = bytes;
	}

	void at(long bytes, long pages) {
		long now = System.nanoTime();
		if (now - this.told >= LISTENER_INTERVAL) {
			this.told = now;
			this.listener.progress(status(bytes, pages, now));
		}
		if (now - this.logged >= LOG_INTERVAL) {
			this.logged = now;
			RestoreStatus status = status(bytes, pages, now);
			logger.info("Restoring {}: read {} of {}, {} of {} pages, {} a second, {}", this.what, size(bytes),
					size(status.bytesTotal()), pages, (this.pagesTotal > 0) ? this.pagesTotal : "?",
					size((long) (bytes / ((now - this.start) / 1e9))),
					status.left().map((left) -> left.toSeconds() + " s left").orElse("how long is not known"));
		}
	}

	/** All is written. */
	void end(long bytes, long pages) {
		this.bytesTotal = bytes;
		this.listener.progress(status(bytes, pages, System.nanoTime()));
	}

	private RestoreStatus status(long bytes, long pages, long now) {
		long total = Math.max(this.bytesTotal, bytes);
		Optional<Duration> left = (now - this.start < FIRST_ESTIMATE || bytes == 0) ? Optional.empty()
				: Optional.of(Duration.ofNanos((long) ((double) (now - this.start) / bytes * (total - bytes))));
		return new RestoreStatus(bytes, total, pages, this.pagesTotal, Duration.ofNanos(now - this.start), left);
	}

	Duration took() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

	static String size(long bytes) {
		return (bytes < 1_000_000) ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
	}

}
