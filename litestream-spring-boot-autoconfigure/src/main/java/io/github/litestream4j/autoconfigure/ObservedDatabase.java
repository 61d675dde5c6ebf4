package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationObserver;
import io.github.litestream4j.storage.StorageObserver;

import org.jspecify.annotations.Nullable;

/**
 * Hands on what is done for one database. A database is restored before there is a meter
 * registry: what happens before the start is kept for whoever begins to listen until
 * then. Safe for use by several threads.
 */
final class ObservedDatabase implements ReplicationObserver, StorageObserver {

	private final List<DatabaseObserver> listeners = new CopyOnWriteArrayList<>();

	private final Object lock = new Object();

	/** What happened before the start, null afterwards. */
	private volatile @Nullable Early early = new Early();

	/**
	 * Tell somebody, also of what happened so far unless it was started.
	 * @param listener who
	 */
	void listen(DatabaseObserver listener) {
		synchronized (this.lock) {
			Early former = this.early;
			if (former != null) {
				former.tell(listener);
			}
			this.listeners.removeIf(DatabaseObserver::isOver);
			this.listeners.add(listener);
		}
	}

	/** Keep nothing any more for whoever comes later. */
	void started() {
		synchronized (this.lock) {
			this.early = null;
		}
	}

	@Override
	public void done(Activity activity, Duration took) {
		tell((listener) -> listener.done(activity, took));
	}

	@Override
	public void captured(long bytes) {
		tell((listener) -> listener.captured(bytes));
	}

	@Override
	public void generationBegan(String reason) {
		tell((listener) -> listener.generationBegan(reason));
	}

	@Override
	public void failed(ErrorStage stage) {
		tell((listener) -> listener.failed(stage));
	}

	@Override
	public void request(String operation, boolean success, long bytesSent, long bytesReceived) {
		if (this.early != null) {
			synchronized (this.lock) {
				Early former = this.early;
				if (former != null) {
					former.requests.merge(new Request(operation, success), new Sum(1, bytesSent, bytesReceived),
							Sum::plus);
					this.listeners
						.forEach((listener) -> listener.requests(operation, success, 1, bytesSent, bytesReceived));
					return;
				}
			}
		}
		this.listeners.forEach((listener) -> listener.requests(operation, success, 1, bytesSent, bytesReceived));
	}

	private void tell(Consumer<DatabaseObserver> event) {
		if (this.early != null) {
			synchronized (this.lock) {
				Early former = this.early;
				if (former != null) {
					// Else a listener that comes just now would be told twice, or never
					former.events.add(event);
					this.listeners.forEach(event);
					return;
				}
			}
		}
		this.listeners.forEach(event);
	}

	/**
	 * What happened before the start: a few events, and calls that a restore of a large
	 * database makes many of, added up.
	 */
	private static final class Early {

		private final List<Consumer<DatabaseObserver>> events = new ArrayList<>();

		private final Map<Request, Sum> requests = new LinkedHashMap<>();

		void tell(DatabaseObserver listener) {
			this.events.forEach((event) -> event.accept(listener));
			this.requests.forEach((request, sum) -> listener.requests(request.operation(), request.success(),
					sum.count(), sum.sent(), sum.received()));
		}

	}

	private record Request(String operation, boolean success) {

	}

	private record Sum(long count, long sent, long received) {

		Sum plus(Sum other) {
			return new Sum(this.count + other.count, this.sent + other.sent, this.received + other.received);
		}

	}

}
