package io.github.litestream4j.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicaContents;
import io.github.litestream4j.replication.ReplicationErrors;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.SnapshotResult;

/**
 * Stands for the engine where only the order of calls matters: it "restores" by writing a
 * table with one row into the missing file, and keeps what happened.
 */
final class FakeEngine implements SessionOpener {

	final List<String> events = new CopyOnWriteArrayList<>();

	final Map<String, DatabasePlan> plans = new LinkedHashMap<>();

	final AtomicInteger commits = new AtomicInteger();

	/** Where several stops must meet, or a stop fails. */
	volatile CyclicBarrier together = new CyclicBarrier(1);

	volatile boolean slow;

	volatile String failing = "";

	@Override
	public OpenSession open(DatabasePlan plan, ObservedDatabase observed) {
		Path file = plan.settings().database();
		if (this.failing.equals(plan.name())) {
			throw new IllegalStateException("no engine for " + plan.name());
		}
		this.plans.put(plan.name(), plan);
		this.events.add("open " + plan.name() + (Files.exists(file) ? " (file was there)" : ""));
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE IF NOT EXISTS restored (name TEXT)");
			statement.execute("INSERT INTO restored VALUES ('" + plan.name() + "')");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return new Session(plan);
	}

	/**
	 * A session that stores nothing.
	 */
	private final class Session implements OpenSession {

		private final DatabasePlan plan;

		private Session(DatabasePlan plan) {
			this.plan = plan;
		}

		@Override
		public void start() {
			FakeEngine.this.events.add("start " + this.plan.name());
		}

		@Override
		public boolean stop(Duration timeout) {
			try {
				FakeEngine.this.together.await(10, TimeUnit.SECONDS);
			}
			catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
				throw new IllegalStateException(ex);
			}
			FakeEngine.this.events.add("stop " + this.plan.name() + " within " + timeout);
			return !FakeEngine.this.slow;
		}

		@Override
		public boolean close(Duration timeout) {
			FakeEngine.this.events.add("close " + this.plan.name() + " within " + timeout);
			return true;
		}

		@Override
		public void commitBegins() {
			FakeEngine.this.commits.incrementAndGet();
		}

		@Override
		public Txid sync(Duration timeout) {
			return Txid.FIRST;
		}

		@Override
		public ReplicationStatus status() {
			return new ReplicationStatus(this.plan.name(), this.plan.settings().database(),
					this.plan.replica().toString(), ReplicationStatus.State.RUNNING, Txid.FIRST, Txid.FIRST,
					Duration.ZERO, 0, 0, null, null, ReplicationErrors.NONE, null);
		}

		@Override
		public ReplicaContents contents(boolean listed) {
			return new ReplicaContents(List.of(), List.of(), List.of());
		}

		@Override
		public SnapshotResult snapshot(Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public DrillResult verify(Duration timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Optional<DrillResult> lastDrill() {
			return Optional.empty();
		}

	}

}
