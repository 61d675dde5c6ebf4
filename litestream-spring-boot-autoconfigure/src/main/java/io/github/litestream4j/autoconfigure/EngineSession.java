package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.Optional;

import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicaContents;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.SnapshotResult;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.ReplicaStorage;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * A session of the engine.
 *
 * @param session the engine's
 */
record EngineSession(DatabaseSession session) implements OpenSession {

	/**
	 * Opens the real engine.
	 */
	static SessionOpener opener(ConfigurableListableBeanFactory beanFactory) {
		ReplicaStorages storages = new ReplicaStorages(beanFactory);
		return (plan, observed) -> {
			ReplicaStorage storage = new ObservedStorage(storages.open(plan.replica()), observed);
			return new EngineSession(DatabaseSession.open(plan.settings(), plan.restore(), storage, observed));
		};
	}

	@Override
	public void start() {
		this.session.replicator().start();
	}

	@Override
	public boolean stop(Duration timeout) {
		return this.session.replicator().stop(timeout);
	}

	@Override
	public boolean close(Duration timeout) {
		return this.session.close(timeout);
	}

	@Override
	public void commitBegins() {
		this.session.replicator().commitBegins();
	}

	@Override
	public Txid sync(Duration timeout) {
		return this.session.replicator().sync(timeout);
	}

	@Override
	public ReplicationStatus status() {
		return this.session.replicator().status();
	}

	@Override
	public ReplicaContents contents(boolean listed) {
		return listed ? this.session.replicator().listContents() : this.session.replicator().contents();
	}

	@Override
	public SnapshotResult snapshot(Duration timeout) {
		return this.session.replicator().snapshot(timeout);
	}

	@Override
	public DrillResult verify(Duration timeout) {
		return this.session.replicator().verify(timeout);
	}

	@Override
	public Optional<DrillResult> lastDrill() {
		return this.session.replicator().lastDrill();
	}

}
