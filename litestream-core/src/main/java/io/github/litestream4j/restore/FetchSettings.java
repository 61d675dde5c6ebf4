package io.github.litestream4j.restore;

import java.time.Duration;

/**
 * How stored files are fetched.
 *
 * @param rangeSize how many bytes one request asks for at most
 * @param attempts how many failures in a row a range survives
 * @param progress how many bytes between failures count as progress, so that the failures
 * before them are forgotten: a store that drops each connection after a megabyte is slow,
 * one that drops it after a byte is broken
 * @param firstPause how long to wait after the first failure; twice as long after each
 * one in a row
 * @param longestPause how long to wait at most
 * @param silence how long a request may take to make progress (or to end) before it
 * counts as failed
 */
record FetchSettings(int rangeSize, int attempts, int progress, Duration firstPause, Duration longestPause,
		Duration silence) {

	static final FetchSettings DEFAULT = new FetchSettings(4 * 1024 * 1024, 10, 16 * 1024, Duration.ofMillis(100),
			Duration.ofSeconds(5), Duration.ofSeconds(30));

	Duration pause(int failures) {
		Duration pause = this.firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
		return (pause.compareTo(this.longestPause) < 0) ? pause : this.longestPause;
	}

}
