package io.github.litestream4j.replication;

import java.io.IOException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the capturing thread does besides capturing, and must not be kept from capturing
 * by: where it fails, it is tried again after a pause of its own. Not safe for use by
 * several threads.
 */
final class SideWork {

	private static final Logger logger = LoggerFactory.getLogger(SideWork.class);

	private final String database;

	private final ErrorStage stage;

	private final Progress progress;

	private final Backoff backoff = new Backoff();

	private long notBefore = System.nanoTime();

	SideWork(String database, ErrorStage stage, Progress progress) {
		this.database = database;
		this.stage = stage;
		this.progress = progress;
	}

	/**
	 * Whether the pause after the last failure is over.
	 */
	boolean isReady() {
		return System.nanoTime() - this.notBefore >= 0;
	}

	/**
	 * Do it, unless it failed just now.
	 * @throws ContinuityLostException as the work throws it
	 */
	void run(Work work) {
		if (!isReady()) {
			return;
		}
		try {
			work.run();
			if (this.backoff.failures() > 0) {
				logger.warn("{}: {} works again, after {} failures", this.database, this.stage.id(),
						this.backoff.failures());
				this.backoff.reset();
				this.progress.overcome(this.stage);
			}
		}
		catch (ContinuityLostException ex) {
			throw ex;
		}
		catch (IOException | RuntimeException | Error ex) {
			this.notBefore = System.nanoTime() + this.backoff.next().toNanos();
			this.progress.failed(this.stage, (ex.getMessage() != null) ? ex.getMessage() : ex.toString());
			if (this.backoff.failures() % 10 == 1) {
				logger.warn("{}: {} fails, and is tried again", this.database, this.stage.id(), ex);
			}
		}
	}

	/**
	 * What is to be done.
	 */
	@FunctionalInterface
	interface Work {

		void run() throws IOException;

	}

}
