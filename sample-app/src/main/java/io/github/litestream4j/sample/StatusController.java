package io.github.litestream4j.sample;

import java.util.List;
import java.util.Map;

import io.github.litestream4j.autoconfigure.LitestreamDatabases;
import io.github.litestream4j.replication.ReplicationStatus;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the page shows about the replica. Reading it costs nothing, so the page may ask
 * each second.
 */
@RestController
class StatusController {

	private final LitestreamDatabases databases;

	StatusController(LitestreamDatabases databases) {
		this.databases = databases;
	}

	@GetMapping("/status")
	List<Status> status() {
		return this.databases.statuses().entrySet().stream().map(Status::of).toList();
	}

	/**
	 * Where one database stands.
	 *
	 * @param database its name
	 * @param replica the replica's URL
	 * @param state what the replicator is doing
	 * @param txid the last transaction captured
	 * @param replicatedTxid the last transaction stored
	 * @param lagTransactions how many are captured and not stored
	 * @param lagMillis the age of the oldest commit that is not stored
	 */
	record Status(String database, String replica, String state, String txid, String replicatedTxid,
			long lagTransactions, long lagMillis) {

		static Status of(Map.Entry<String, ReplicationStatus> entry) {
			ReplicationStatus status = entry.getValue();
			return new Status(entry.getKey(), status.replica(), status.state().name(), status.txid().toString(),
					status.replicatedTxid().toString(), status.lagTransactions(), status.lag().toMillis());
		}

	}

}
