package io.github.litestream4j.cli;

import java.time.Duration;
import java.util.Locale;

/**
 * Numbers as people read them.
 */
final class Sizes {

	private static final String[] UNITS = { "kB", "MB", "GB", "TB", "PB", "EB" };

	private Sizes() {
	}

	static String bytes(long bytes) {
		if (bytes < 1000) {
			return bytes + " B";
		}
		double value = bytes;
		int unit = -1;
		while (value >= 999.95) {
			value /= 1000;
			unit++;
		}
		return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
	}

	static String time(Duration duration) {
		long seconds = duration.toSeconds();
		if (seconds < 60) {
			return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
		}
		return (seconds < 3600) ? "%d min %d s".formatted(seconds / 60, seconds % 60)
				: "%d h %d min".formatted(seconds / 3600, seconds / 60 % 60);
	}

}
