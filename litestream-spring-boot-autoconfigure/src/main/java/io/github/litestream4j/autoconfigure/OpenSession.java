package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.Optional;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicaContents;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.SnapshotResult;

/**
 * One database that the engine has opened, as the life cycle of a context sees it.
 */
interface OpenSession {

	void start();

	boolean stop(Duration timeout);

	boolean close(Duration timeout);

	void commitBegins();

	Txid sync(Duration timeout);

	ReplicationStatus status();

	/** What the replica holds, from memory or as it is listed now. */
	ReplicaContents contents(boolean listed);

	SnapshotResult snapshot(Duration timeout);

	DrillResult verify(Duration timeout);

	Optional<DrillResult> lastDrill();

}
