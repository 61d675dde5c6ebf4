package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicaContents;
import io.github.litestream4j.replication.ReplicationErrors;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.SnapshotResult;
import org.jspecify.annotations.Nullable;

/**
 * Says what a test sets.
 */
final class SettableSession implements OpenSession {

	State state = State.RUNNING;

	Txid txid = new Txid(5);

	Txid replicatedTxid = new Txid(5);

	Duration lag = Duration.ZERO;

	@Nullable Instant lastSync;

	@Nullable String failure;

	ReplicationErrors errors = ReplicationErrors.NONE;

	@Nullable DrillResult drill;

	@Override
	public ReplicationStatus status() {
		return new ReplicationStatus("app", Path.of("app.db"), "s3://bucket/app", this.state, this.txid,
				this.replicatedTxid, this.lag, 0, 0, this.lastSync, this.failure, this.errors, null);
	}

	@Override
	public Optional<DrillResult> lastDrill() {
		return Optional.ofNullable(this.drill);
	}

	@Override
	public void start() {
		throw new UnsupportedOperationException();
	}

	@Override
	public boolean stop(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public boolean close(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void commitBegins() {
		throw new UnsupportedOperationException();
	}

	@Override
	public Txid sync(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ReplicaContents contents(boolean listed) {
		throw new UnsupportedOperationException();
	}

	@Override
	public SnapshotResult snapshot(Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public DrillResult verify(Duration timeout) {
		throw new UnsupportedOperationException();
	}

}
