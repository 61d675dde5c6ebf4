package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica in a bucket: read by ours, by the real Litestream and by its VFS, and through
 * an outage of its server.
 */
class S3RoundTripTests {

	@TempDir
	Path folder;

	@Test
	void isReadByLitestreamAndItsVfs() throws Exception {
		S3Server server = S3Server.shared();
		server.createBucket("round-trip");
		try (S3Client client = server.client()) {
			ReplicaStorage storage = new S3ReplicaStorage(client, "round-trip", "some/app");
			ReplicatorSettings settings = TestDatabase.settings(this.folder.resolve("app.db"));
			try (TestDatabase database = TestDatabase.open(settings, storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, 1);
				for (int i = 0; i < 100; i++) {
					ledger.commit();
					if (i % 5 == 0) {
						database.replicator().sync(TestDatabase.TIMEOUT);
					}
				}
			}
			List<StoredFile> files = storage.list(0);
			LitestreamBinary litestream = LitestreamBinary.current().with(server);
			String url = server.litestreamUrl("round-trip", "some/app");
			for (int i = 1; i <= 5; i++) {
				Txid txid = files.get(i * (files.size() - 1) / 5).key().name().max();
				Path ours = this.folder.resolve("ours-" + txid);
				Path theirs = this.folder.resolve("theirs-" + txid);
				new Restorer(storage).restore(RestoreRequest.latest(ours).to(txid));
				litestream.restore(url, theirs, "-txid", txid.toString()).succeeded();
				assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
			}
			Path latest = this.folder.resolve("latest");
			litestream.restore(url, latest).succeeded();
			assertThat(Ledger.verify(latest)).isEqualTo(100);
			try (ChildProcess vfs = VfsReader.start(url, server.litestreamEnvironment(), this.folder)) {
				assertThat(vfs.await(Duration.ofMinutes(1))).as(vfs::output).isZero();
				assertThat(vfs.output()).contains("ledger 100 100");
			}
		}
	}

	@Test
	void outlivesAnOutageAndARestartInIt() throws Exception {
		try (S3Server server = S3Server.in(this.folder.resolve("s3")).start(); S3Client client = server.client()) {
			server.createBucket("outage");
			ReplicaStorage storage = new S3ReplicaStorage(client, "outage", "app");
			ReplicatorSettings settings = TestDatabase.settings(this.folder.resolve("app.db"));
			DatabaseSession first = TestDatabase.open(settings, storage).session();
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + settings.database())) {
				Ledger ledger = new Ledger(connection, 1);
				commit(ledger, 20);
				first.replicator().sync(TestDatabase.TIMEOUT);
				server.stop();
				commit(ledger, 200);
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> first.replicator().status().state() == State.FAILING);
				commit(ledger, 50);
			}
			assertThat(first.close(Duration.ofMillis(500))).isFalse();
			server.start();
			try (TestDatabase database = TestDatabase.open(settings, storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, 2);
				assertThat(ledger.last()).isEqualTo(270);
				commit(ledger, 30);
			}
			Path restored = this.folder.resolve("restored");
			TestDatabase.restore(storage, restored);
			assertThat(Ledger.verify(restored)).isEqualTo(300);
			assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		}
	}

	private static void commit(Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

}
