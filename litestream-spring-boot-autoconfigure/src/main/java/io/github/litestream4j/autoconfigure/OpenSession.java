package io.github.litestream4j.autoconfigure;

import java.time.Duration;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus;

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

}
