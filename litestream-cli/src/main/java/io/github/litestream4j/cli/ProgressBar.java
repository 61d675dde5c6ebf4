package io.github.litestream4j.cli;

import java.io.PrintWriter;
import java.util.Locale;

import io.github.litestream4j.restore.RestoreListener;
import io.github.litestream4j.restore.RestoreStatus;

/**
 * Shows how far a restore has come, in one line that is written over and over. For use by
 * one thread.
 */
final class ProgressBar implements RestoreListener, AutoCloseable {

	private static final int WIDTH = 30;

	private final PrintWriter out;

	private int shown;

	ProgressBar(PrintWriter out) {
		this.out = out;
	}

	@Override
	public void progress(RestoreStatus status) {
		String line = line(status);
		// What was longer is blanked out
		this.out.print("\r" + line + " ".repeat(Math.max(this.shown - line.length(), 0)));
		this.out.flush();
		this.shown = line.length();
	}

	static String line(RestoreStatus status) {
		double done = (status.bytesTotal() > 0) ? Math.min((double) status.bytesRead() / status.bytesTotal(), 1) : 0;
		int filled = (int) (done * WIDTH);
		double seconds = status.elapsed().toNanos() / 1e9;
		long rate = (seconds > 0) ? (long) (status.bytesRead() / seconds) : 0;
		String left = status.left().map((time) -> ", " + Sizes.time(time) + " left").orElse("");
		return String.format(Locale.ROOT, "[%s%s] %3d%%  %s of %s, %s/s%s", "=".repeat(filled),
				" ".repeat(WIDTH - filled), (int) (done * 100), Sizes.bytes(status.bytesRead()),
				Sizes.bytes(status.bytesTotal()), Sizes.bytes(rate), left);
	}

	/** Leave the line as it is, and go on below it. */
	@Override
	public void close() {
		if (this.shown > 0) {
			this.out.println();
		}
	}

}
