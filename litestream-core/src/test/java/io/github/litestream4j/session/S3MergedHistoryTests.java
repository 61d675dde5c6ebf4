package io.github.litestream4j.session;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

import io.github.litestream4j.history.HistorySettings;
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
 * A history in a bucket that is merged while an application writes.
 */
class S3MergedHistoryTests {

	private static final int COMMITS = 60;

	@TempDir
	Path folder;

	private ReplicaStorage storage;

	@Test
	void isReadByLitestreamAndItsVfsWhenWhatIsMergedIsGone() throws Exception {
		S3Server server = S3Server.shared();
		server.createBucket("merged");
		try (S3Client client = server.client()) {
			this.storage = new S3ReplicaStorage(client, "merged", "some/app");
			write(300, 900);
			for (StoredFile merged : this.storage.list(1)) {
				StoredFile input = find(0, merged.key().name().max());
				assertThat(this.storage.timestamp(merged)).as("f35").isEqualTo(this.storage.timestamp(input));
				assertThat(this.storage.databaseChecksum(merged)).isNotEmpty()
					.isEqualTo(this.storage.databaseChecksum(input));
			}
			deleteLevel0();
			String url = server.litestreamUrl("merged", "some/app");
			LitestreamBinary litestream = LitestreamBinary.current().with(server);
			for (StoredFile merged : this.storage.list(1)) {
				Txid txid = merged.key().name().max();
				Path ours = this.folder.resolve("ours-" + txid);
				Path theirs = this.folder.resolve("theirs-" + txid);
				new Restorer(this.storage).restore(RestoreRequest.latest(ours).to(txid));
				litestream.restore(url, theirs, "-txid", txid.toString()).succeeded();
				assertThat(Files.mismatch(theirs, ours)).isEqualTo(-1);
			}
			try (ChildProcess vfs = VfsReader.start(url, server.litestreamEnvironment(), this.folder)) {
				assertThat(vfs.await(Duration.ofMinutes(1))).as(vfs::output).isZero();
				assertThat(vfs.output()).contains("ledger %d %d".formatted(COMMITS, COMMITS));
			}
		}
	}

	@Test
	void f52AMergedFileThatWasDamagedThereIsMadeAgain() throws Exception {
		S3Server server = S3Server.shared();
		server.createBucket("merged-damaged");
		try (S3Client client = server.client()) {
			this.storage = new S3ReplicaStorage(client, "merged-damaged", "app");
			write(300, 600_000);
			StoredFile merged = this.storage.list(1).get(0);
			byte[] right = read(merged);
			Instant time = this.storage.timestamp(merged);
			var checksum = this.storage.databaseChecksum(merged);
			byte[] wrong = right.clone();
			wrong[wrong.length - 1] ^= 1;
			this.storage.put(merged.key(), time, (out) -> out.write(wrong));
			// Everything is looked at right after a start
			try (TestDatabase database = TestDatabase.open(settings(300, 600_000), this.storage)) {
				awaitMerged(2);
				assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
			}
			assertThat(read(merged)).isEqualTo(right);
			assertThat(this.storage.timestamp(merged)).isEqualTo(time);
			assertThat(this.storage.databaseChecksum(merged)).isEqualTo(checksum);
		}
	}

	private void write(long... levels) throws Exception {
		try (TestDatabase database = TestDatabase.open(settings(levels), this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < COMMITS; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			awaitMerged((levels[1] < 1000) ? 2 : 1);
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
		}
	}

	private ReplicatorSettings settings(long... levels) {
		HistorySettings defaults = HistorySettings.DEFAULT;
		return TestDatabase.settings(this.folder.resolve("app.db"))
			.with(new HistorySettings(LongStream.of(levels).mapToObj(Duration::ofMillis).toList(),
					defaults.level0Retention(), Duration.ZERO, defaults.snapshotRetention(), false, false,
					Duration.ZERO));
	}

	private void awaitMerged(int level) {
		Awaitility.await().atMost(TestDatabase.TIMEOUT).until(() -> max(level).equals(max(0)));
	}

	private Txid max(int level) {
		return this.storage.list(level)
			.stream()
			.map((file) -> file.key().name().max())
			.max(Txid::compareTo)
			.orElse(Txid.ZERO);
	}

	private StoredFile find(int level, Txid max) {
		return this.storage.list(level)
			.stream()
			.filter((file) -> file.key().name().max().equals(max))
			.findFirst()
			.orElseThrow();
	}

	private byte[] read(StoredFile file) throws Exception {
		try (InputStream in = this.storage.read(file.key(), 0, file.size())) {
			return in.readAllBytes();
		}
	}

	private void deleteLevel0() {
		List<LtxKey> keys = this.storage.list(0).stream().map(StoredFile::key).toList();
		this.storage.delete(keys.subList(0, keys.size() - 1));
	}

}
