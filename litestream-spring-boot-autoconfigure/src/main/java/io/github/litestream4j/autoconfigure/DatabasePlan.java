package io.github.litestream4j.autoconfigure;

import java.time.Duration;

import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;

/**
 * How one database is going to be replicated, settled before anything is opened.
 *
 * @param settings the engine's settings, with the database's name and file
 * @param restore what happens when the file is missing
 * @param replica where the copy is kept
 * @param maxLag the age of the oldest commit that is not stored, above which the database
 * is out of service
 */
record DatabasePlan(ReplicatorSettings settings, RestoreSettings restore, ReplicaUrl replica, Duration maxLag) {

	String name() {
		return this.settings.name();
	}

	ConnectionSettings connectionSettings() {
		return new ConnectionSettings(this.settings.busyTimeout(), this.settings.checkpoint().maxPages());
	}

}
