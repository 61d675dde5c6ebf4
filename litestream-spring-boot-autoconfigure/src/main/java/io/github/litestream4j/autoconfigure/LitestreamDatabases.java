package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus;

/**
 * The replicated databases of the application, for its own beans to inject. Safe for use
 * by several threads.
 */
public final class LitestreamDatabases {

	private final DatabaseSessions sessions;

	LitestreamDatabases(DatabaseSessions sessions) {
		this.sessions = sessions;
	}

	/**
	 * Where each database stands. Costs nothing: it is what the replicators last
	 * published.
	 * @return the statuses by the names of the {@code DataSource} beans; empty when
	 * nothing is replicated
	 */
	public Map<String, ReplicationStatus> statuses() {
		Map<String, ReplicationStatus> statuses = new LinkedHashMap<>();
		for (ReplicatedDatabase database : this.sessions.databases()) {
			statuses.put(database.name(), database.session().status());
		}
		return statuses;
	}

	/**
	 * Where one database stands.
	 * @param name the name of its {@code DataSource} bean
	 * @return its status
	 * @throws IllegalArgumentException when no database has that name
	 */
	public ReplicationStatus status(String name) {
		return database(name).session().status();
	}

	/**
	 * Store everything that was committed before this call.
	 * @param name the name of the {@code DataSource} bean
	 * @param timeout how long to wait
	 * @return the last transaction stored
	 * @throws IllegalArgumentException when no database has that name
	 */
	public Txid sync(String name, Duration timeout) {
		return database(name).session().sync(timeout);
	}

	private ReplicatedDatabase database(String name) {
		return this.sessions.databases()
			.stream()
			.filter((database) -> database.name().equals(name))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("no replicated database is named '" + name + "', only "
					+ this.sessions.databases()
						.stream()
						.map(ReplicatedDatabase::name)
						.collect(Collectors.joining("', '", "'", "'"))));
	}

}
