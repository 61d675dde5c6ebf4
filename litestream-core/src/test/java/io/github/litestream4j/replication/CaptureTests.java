package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CaptureTests {

	@TempDir
	Path folder;

	@Test
	void staysWhereItIsWhenThePositionCannotBeWritten() throws Exception {
		Staging staging = new Staging(this.folder.resolve("staging"));
		PositionFile positionFile = new PositionFile(this.folder.resolve("position"));
		Progress progress = new Progress(Txid.ZERO);
		Uploader uploader = TestUploaders.of(new FileReplicaStorage(this.folder.resolve("replica")), staging, progress,
				new GenerationLog(new FileReplicaStorage(this.folder.resolve("replica")), this.folder));
		try (PageChecksums checksums = new PageChecksums(this.folder);
				LiveDatabase database = open();
				Connection connection = DriverManager.getConnection(url());
				Statement statement = connection.createStatement()) {
			Capture capture = new Capture(database, staging, positionFile, progress, uploader, checksums);
			capture.begin(Txid.FIRST, Duration.ofSeconds(5));
			statement.execute("CREATE TABLE t(x)");
			positionFile.close();
			assertThatExceptionOfType(StagingException.class).isThrownBy(() -> capture.captureAll(null));
			assertThat(uploader.isIdle()).isTrue();
			assertThat(capture.position().txid()).as("what is not to be stored is not captured").isEqualTo(Txid.FIRST);
		}
	}

	@Test
	void goesOnWhenTheGuardIsRenewedOverAWalThatWasCut() throws Exception {
		goesOnAfterASealedRun((capture, statement) -> {
			statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
			capture.renewGuard();
			// It knows of no checkpoint, and makes up the salts
			try (Connection other = DriverManager.getConnection(url()); Statement insert = other.createStatement()) {
				insert.execute("INSERT INTO t VALUES (1)");
			}
		});
	}

	@Test
	void goesOnWhenTheGuardIsRenewedJustAfterTheWalWasRestarted() throws Exception {
		goesOnAfterASealedRun((capture, statement) -> {
			// Between the look at what is committed and the renewal
			statement.execute("INSERT INTO t VALUES (1)");
			capture.renewGuard();
		});
	}

	private void goesOnAfterASealedRun(Step step) throws Exception {
		Progress progress = new Progress(Txid.ZERO);
		FileReplicaStorage replica = new FileReplicaStorage(this.folder.resolve("replica"));
		Staging staging = new Staging(this.folder);
		try (PageChecksums checksums = new PageChecksums(this.folder);
				PositionFile positionFile = new PositionFile(this.folder.resolve("position"));
				LiveDatabase database = open();
				Connection connection = DriverManager.getConnection(url());
				Statement statement = connection.createStatement()) {
			Capture capture = new Capture(database, staging, positionFile, progress,
					TestUploaders.of(replica, staging, progress, new GenerationLog(replica, this.folder)), checksums);
			capture.begin(Txid.FIRST, Duration.ofSeconds(5));
			statement.execute("CREATE TABLE t(x)");
			capture.captureAll(null);
			capture.renewGuard();
			database.checkpoint();
			capture.renewGuard();
			step.take(capture, statement);
			assertThat(capture.captureAll(null)).isTrue();
			assertThat(capture.position().txid()).isEqualTo(new Txid(3));
		}
	}

	private String url() {
		return "jdbc:sqlite:" + this.folder.resolve("app.db");
	}

	private LiveDatabase open() {
		return LiveDatabase
			.open(new DatabaseSettings(this.folder.resolve("app.db"), url(), Map.of(), Duration.ofSeconds(5)));
	}

	/** What happens between a sealed run of the WAL and the next look at it. */
	@FunctionalInterface
	private interface Step {

		void take(Capture capture, Statement statement) throws Exception;

	}

}
