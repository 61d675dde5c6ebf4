package io.github.litestream4j.replication;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what an observer throws from whoever tells it: a file that is stored must not
 * count as failed because a metric could not be written.
 */
final class GuardedObserver implements ReplicationObserver {

	private static final Logger logger = LoggerFactory.getLogger(Replicator.class);

	private final ReplicationObserver observer;

	private final AtomicBoolean failed = new AtomicBoolean();

	GuardedObserver(ReplicationObserver observer) {
		this.observer = observer;
	}

	@Override
	public void done(Activity activity, Duration took) {
		tell(() -> this.observer.done(activity, took));
	}

	@Override
	public void captured(long bytes) {
		tell(() -> this.observer.captured(bytes));
	}

	@Override
	public void generationBegan(String reason) {
		tell(() -> this.observer.generationBegan(reason));
	}

	@Override
	public void failed(ErrorStage stage) {
		tell(() -> this.observer.failed(stage));
	}

	private void tell(Runnable event) {
		try {
			event.run();
		}
		catch (RuntimeException | Error ex) {
			// It will throw again and again
			if (this.failed.compareAndSet(false, true)) {
				logger.warn("An observer of replication fails: metrics are wrong from now on, replication goes on", ex);
			}
		}
	}

}
