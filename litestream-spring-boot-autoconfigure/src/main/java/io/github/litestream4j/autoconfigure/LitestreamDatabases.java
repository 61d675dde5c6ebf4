package io.github.litestream4j.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicaContents;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.SnapshotResult;

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

	/**
	 * Have a snapshot in the replica that holds everything committed before this call.
	 * @param name the name of the {@code DataSource} bean
	 * @param timeout how long to wait; one that was begun goes on then
	 * @return the snapshot
	 * @throws IllegalArgumentException when no database has that name
	 * @throws LitestreamException when there is none, which says why
	 */
	public SnapshotResult snapshot(String name, Duration timeout) {
		return database(name).session().snapshot(timeout);
	}

	/**
	 * Restore the replica beside the live database, check it, and compare the two.
	 * @param name the name of the {@code DataSource} bean
	 * @param timeout how long to wait; a drill that was begun goes on then
	 * @return what was found
	 * @throws IllegalArgumentException when no database has that name
	 * @throws LitestreamException when the drill could not be run, which says nothing of
	 * the replica
	 */
	public DrillResult verify(String name, Duration timeout) {
		return database(name).session().verify(timeout);
	}

	/**
	 * What the last drill found, also one of an earlier process. Costs nothing.
	 * @param name the name of the {@code DataSource} bean
	 * @return empty when there was none yet
	 * @throws IllegalArgumentException when no database has that name
	 */
	public Optional<DrillResult> lastDrill(String name) {
		return database(name).session().lastDrill();
	}

	/**
	 * What the replica holds.
	 * @param name the name of the {@code DataSource} bean
	 * @param listed whether to ask the storage; otherwise it is what the replicator
	 * knows, and costs nothing
	 * @return its generations and snapshots
	 * @throws IllegalArgumentException when no database has that name
	 * @throws LitestreamException when the storage was asked and did not answer
	 */
	public ReplicaContents contents(String name, boolean listed) {
		return database(name).session().contents(listed);
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
