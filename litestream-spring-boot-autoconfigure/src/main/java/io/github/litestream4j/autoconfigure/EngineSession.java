package io.github.litestream4j.autoconfigure;

import java.time.Duration;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.session.DatabaseSession;

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
		return (plan) -> new EngineSession(
				DatabaseSession.open(plan.settings(), plan.restore(), storages.open(plan.replica())));
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

}
