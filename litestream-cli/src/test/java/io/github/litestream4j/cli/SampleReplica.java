package io.github.litestream4j.cli;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;

/**
 * Fills a replica as an application does.
 */
final class SampleReplica {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private SampleReplica() {
	}

	/**
	 * Write a ledger and have it stored.
	 * @param storage the replica
	 * @param database the database file
	 * @param commits how many commits, each stored by itself
	 * @return the TXID of each
	 */
	static List<Txid> fill(ReplicaStorage storage, Path database, int commits) throws Exception {
		ReplicatorSettings settings = ReplicatorSettings.of("app", database).withSyncInterval(Duration.ZERO);
		List<Txid> txids = new ArrayList<>();
		try (Replicator replicator = Replicator.open(settings, storage);
				Connection connection = DriverManager.getConnection(settings.jdbcUrl())) {
			replicator.start();
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < commits; i++) {
				ledger.commit();
				txids.add(replicator.sync(TIMEOUT));
			}
		}
		return txids;
	}

}
