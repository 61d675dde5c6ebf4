package io.github.litestream4j.storage.s3;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.StorageUnavailableException;

/**
 * Tries a write that must not replace anything until the store says what became of it.
 */
final class ConditionalWrite {

	private static final int TAKEN = 412;

	private static final int ANOTHER_UNDER_WAY = 409;

	private static final long FIRST_PAUSE_MILLIS = 50;

	private final int attempts;

	private final String url;

	ConditionalWrite(int attempts, String url) {
		this.attempts = attempts;
		this.url = url;
	}

	/**
	 * Write, and again for a while as long as another write of the same key is under way.
	 * @param write does it, and throws what the SDK throws
	 * @return {@code false} when the key is taken
	 */
	boolean run(Runnable write) {
		for (int attempt = 1;; attempt++) {
			try {
				write.run();
				return true;
			}
			catch (RuntimeException ex) {
				int status = S3Failures.status(ex);
				if (status == TAKEN) {
					return false;
				}
				if (status != ANOTHER_UNDER_WAY || attempt == this.attempts) {
					throw S3Failures.translate("store", this.url, ex);
				}
				pause(attempt);
			}
		}
	}

	private void pause(int attempt) {
		long longest = FIRST_PAUSE_MILLIS << attempt;
		try {
			TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StorageUnavailableException("Could not store " + this.url + ": the thread was interrupted", ex);
		}
	}

}
