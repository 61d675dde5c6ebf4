package io.github.litestream4j.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

import io.github.litestream4j.replication.ErrorStage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters of each database. A scrape reads what the replicators have published, and
 * asks the storage nothing.
 */
final class LitestreamMetrics implements MeterBinder {

	private final DatabaseSessions sessions;

	LitestreamMetrics(DatabaseSessions sessions) {
		this.sessions = sessions;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (ReplicatedDatabase database : this.sessions.databases()) {
			Tags tags = Tags.of("database", database.name());
			new LitestreamGauges(database.session(), database.plan(), tags, database::startedAt, Clock.systemUTC())
				.bindTo(registry);
			database.observed().listen(new Recorder(registry, tags));
		}
	}

	/**
	 * Records what is done for one database.
	 */
	private static final class Recorder implements DatabaseObserver {

		private final MeterRegistry registry;

		private final Tags tags;

		private final Map<Activity, Timer> timers = new EnumMap<>(Activity.class);

		private final Map<ErrorStage, Counter> errors = new EnumMap<>(ErrorStage.class);

		private final Counter walBytes;

		private final Counter sent;

		private final Counter received;

		Recorder(MeterRegistry registry, Tags tags) {
			this.registry = registry;
			this.tags = tags;
			for (Activity activity : Activity.values()) {
				this.timers.put(activity,
						Timer.builder("litestream." + activity.id())
							.description(description(activity))
							.tags(tags)
							.register(registry));
			}
			for (ErrorStage stage : ErrorStage.values()) {
				this.errors.put(stage,
						Counter.builder("litestream.errors")
							.description("Failures, by the stage that failed")
							.tags(tags.and("stage", stage.id()))
							.register(registry));
			}
			this.walBytes = Counter.builder("litestream.wal.bytes")
				.description("Bytes of the write-ahead log that were captured")
				.baseUnit("bytes")
				.tags(tags)
				.register(registry);
			this.sent = bytes("sent");
			this.received = bytes("received");
		}

		private static String description(Activity activity) {
			return switch (activity) {
				case SYNC -> "Storing one file of commits";
				case CHECKPOINT -> "Copying the write-ahead log back into the database file";
				case SNAPSHOT -> "Storing the whole database";
				case COMPACTION -> "Merging stored files";
				case RESTORE -> "Restoring the database at the start";
				case VERIFICATION -> "Restoring the replica aside to prove it";
			};
		}

		private Counter bytes(String direction) {
			return Counter.builder("litestream.storage.bytes")
				.description("Bytes of content that were stored in the replica or read from it")
				.baseUnit("bytes")
				.tags(this.tags.and("direction", direction))
				.register(this.registry);
		}

		@Override
		public boolean isOver() {
			return this.registry.isClosed();
		}

		@Override
		public void done(Activity activity, Duration took) {
			Objects.requireNonNull(this.timers.get(activity)).record(took);
		}

		@Override
		public void captured(long bytes) {
			this.walBytes.increment(bytes);
		}

		@Override
		public void generationBegan(String reason) {
			Counter.builder("litestream.generations")
				.description("Histories that began anew, by their reason")
				.tags(this.tags.and("reason", reason))
				.register(this.registry)
				.increment();
		}

		@Override
		public void failed(ErrorStage stage) {
			Objects.requireNonNull(this.errors.get(stage)).increment();
		}

		@Override
		public void requests(String operation, boolean success, long count, long bytesSent, long bytesReceived) {
			Counter.builder("litestream.storage.requests")
				.description("Requests to the replica's storage")
				.tags(this.tags.and("operation", operation, "outcome", success ? "success" : "failure"))
				.register(this.registry)
				.increment(count);
			this.sent.increment(bytesSent);
			this.received.increment(bytesReceived);
		}

	}

}
