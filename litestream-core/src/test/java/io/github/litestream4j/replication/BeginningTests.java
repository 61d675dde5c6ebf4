package io.github.litestream4j.replication;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.wal.WalIndexHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A history goes on only where that is proven, and its new beginning says why.
 */
class BeginningTests {

	private static final Txid NINE = new Txid(9);

	@TempDir
	Path folder;

	private LiveDatabase database;

	private Connection application;

	@BeforeEach
	void prepare() throws Exception {
		open();
		execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		execute("INSERT INTO t(v) VALUES (randomblob(9000))");
	}

	@AfterEach
	void closeBoth() throws SQLException {
		this.application.close();
		this.database.close();
	}

	@Test
	void firstStart() throws Exception {
		assertAnew("first-start", history(0, 0), null, null);
	}

	@Test
	void aReplicaWithoutAPosition() throws Exception {
		assertAnew("position-unknown", history(9, 9), null, null);
	}

	@Test
	void aReplicaThatHasMore() throws Exception {
		assertAnew("replica-ahead", history(10, 10), position(), null);
		assertAnew("replica-ahead", history(9, 12), position(), null);
	}

	@Test
	void aReplicaThatHasLess() throws Exception {
		assertAnew("replica-behind", history(8, 8), position(), null);
		assertAnew("replica-behind", history(7, 9), position(), null);
		assertAnew("replica-behind", history(0, 0), position(), null);
	}

	@Test
	void anotherPageSize() throws Exception {
		CapturePosition position = position();
		assertAnew("database-replaced", history(9, 9),
				new CapturePosition(NINE, 1024, position.commit(), position.wal(), false), null);
	}

	@Test
	void goesOnAtTheSameFrame() throws Exception {
		CapturePosition position = position();
		assertThat(beginning(history(9, 9), List.of(), position, null).position()).isEqualTo(position);
		execute("INSERT INTO t(v) VALUES (randomblob(9000))");
		assertThat(beginning(history(9, 9), List.of(), position, null).position()).isEqualTo(position);
		reopen();
		assertThat(beginning(history(9, 9), List.of(), position, null).position()).isEqualTo(position);
	}

	@Test
	void goesOnWithWhatIsStaged() throws Exception {
		List<StagedFile> staged = List.of(staged(8), staged(9));
		Beginning beginning = beginning(history(7, 7), staged, position(), null);
		assertThat(beginning.position()).isNotNull();
		assertThat(beginning.staged()).isEqualTo(staged);
		assertThat(beginning(history(7, 7), List.of(staged(8)), position(), null).reason()).isEqualTo("replica-behind");
	}

	@Test
	void goesOnInTheRunThatFollowedASealedOne() throws Exception {
		CapturePosition sealed = checkpointed();
		execute("INSERT INTO t(v) VALUES (1)");
		assertThat(this.database.index().salt1()).isEqualTo(sealed.wal().salt1() + 1);
		assertThat(beginning(history(9, 9), List.of(), sealed, null).position()).isEqualTo(sealed);
		assertAnew("wal-restarted", history(9, 9), sealed.sealed(false), null);
	}

	@Test
	void doesNotGoOnOverALostRun() throws Exception {
		CapturePosition sealed = checkpointed();
		execute("INSERT INTO t(v) VALUES (1)");
		checkpointed();
		execute("INSERT INTO t(v) VALUES (2)");
		assertThat(this.database.index().salt1()).isEqualTo(sealed.wal().salt1() + 2);
		assertAnew("wal-restarted", history(9, 9), sealed, null);
	}

	@Test
	void doesNotGoOnWhenAnotherOneCheckpointedTheWalAway() throws Exception {
		CapturePosition position = position();
		closeBoth();
		// The last one to close copies the WAL back and deletes it
		try (Connection connection = DriverManager.getConnection(url());
				Statement statement = connection.createStatement()) {
			statement.execute("INSERT INTO t(v) VALUES (2)");
		}
		open();
		assertThat(this.database.index().frames()).isZero();
		assertAnew("wal-restarted", history(9, 9), position, null);
		execute("INSERT INTO t(v) VALUES (3)");
		assertAnew("wal-restarted", history(9, 9), position, null);
		assertAnew("wal-restarted", history(9, 9), position.sealed(true), null);
	}

	@Test
	void goesOnFromARestoreOfTheNewest() throws Exception {
		closeBoth();
		try (Connection connection = DriverManager.getConnection(url());
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
		}
		open();
		Beginning beginning = beginning(history(9, 9), List.of(), null, NINE);
		assertThat(beginning.position()).isNotNull();
		assertThat(beginning.position().txid()).isEqualTo(NINE);
		assertThat(beginning.position().commit()).isEqualTo(this.database.pageCount());
		assertAnew("replica-ahead", history(10, 10), null, NINE);
		assertAnew("replica-ahead", history(9, 12), null, NINE);
		execute("INSERT INTO t(v) VALUES (3)");
		assertAnew("replica-ahead", history(9, 9), null, NINE);
	}

	@Test
	void stagedFilesGoOnAtTheReplicasEndAndUpToThePosition() throws Exception {
		Staging staging = new Staging(this.folder.resolve("staging"));
		for (long txid : new long[] { 7, 8, 9, 10 }) {
			staging.write(new Txid(txid), Instant.EPOCH, StagingTests.ltx(new Txid(txid)), OptionalLong.empty(), 0);
		}
		Optional<CapturePosition> former = Optional.of(position());
		assertThat(staged("9:1-6", staging, former)).containsExactly(7L, 8L, 9L);
		assertThat(staged("9:1-6 0:7-7", staging, former)).as("7 is stored already").containsExactly(8L, 9L);
		assertThat(staged("9:1-6 0:7-7 0:8-8 0:9-9", staging, former)).as("10 is beyond the position").isEmpty();
		assertThat(staged("9:1-5", staging, former)).as("6 is missing").isEmpty();
		assertThat(staged("9:1-5 0:7-7", staging, former)).as("the replica has a gap").isEmpty();
		assertThat(staged("", staging, former)).as("nothing for them to stand on").isEmpty();
		assertThat(staged("9:1-6", staging, Optional.empty())).isEmpty();
	}

	@Test
	void whatAnotherWriterStoredIsNotGoneOnWith() throws Exception {
		Staging staging = new Staging(this.folder.resolve("staging"));
		staging.write(new Txid(8), Instant.EPOCH, StagingTests.ltx(new Txid(88)), OptionalLong.empty(), 0);
		staging.write(NINE, Instant.EPOCH, StagingTests.ltx(NINE), OptionalLong.empty(), 0);
		FileReplicaStorage storage = replica("9:1-7 0:8-8");
		ReplicaHistory history = ReplicaHistory.of(storage);
		Optional<List<StagedFile>> staged = StagedHistory.find(storage, history, staging, Optional.of(position()));
		assertThat(staged).isEmpty();
		Beginning beginning = Beginning.of(this.database, history, staged, Optional.of(position()), null);
		assertThat(beginning.reason()).isEqualTo("replica-ahead");
		assertThat(beginning.staged()).isEmpty();
	}

	private List<Long> staged(String files, Staging staging, Optional<CapturePosition> former) throws Exception {
		FileReplicaStorage storage = replica(files);
		return StagedHistory.find(storage, ReplicaHistory.of(storage), staging, former)
			.orElseThrow()
			.stream()
			.map((file) -> file.txid().value())
			.toList();
	}

	/** A file is its level, a colon, and its first and last TXID. */
	private FileReplicaStorage replica(String files) throws Exception {
		FileReplicaStorage storage = new FileReplicaStorage(Files.createTempDirectory(this.folder, "replica"));
		for (String file : files.isEmpty() ? new String[0] : files.split(" ")) {
			String[] parts = file.split("[:-]");
			Txid max = new Txid(Long.parseLong(parts[2]));
			LtxFileName name = new LtxFileName(new Txid(Long.parseLong(parts[1])), max);
			storage.putIfAbsent(new LtxKey(Integer.parseInt(parts[0]), name), Content.of(StagingTests.ltx(max)),
					Instant.EPOCH);
		}
		return storage;
	}

	private void assertAnew(String reason, ReplicaHistory history, @Nullable CapturePosition former,
			@Nullable Txid restored) throws Exception {
		Beginning beginning = beginning(history, List.of(), former, restored);
		assertThat(beginning.reason()).isEqualTo(reason);
		assertThat(beginning.position()).isNull();
	}

	private Beginning beginning(ReplicaHistory history, List<StagedFile> staged, @Nullable CapturePosition former,
			@Nullable Txid restored) throws Exception {
		return Beginning.of(this.database, history, Optional.of(staged), Optional.ofNullable(former), restored);
	}

	/** Everything that is committed now, captured as 9. */
	private CapturePosition position() throws Exception {
		WalIndexHeader index = this.database.index();
		return CapturePosition.atEnd(NINE, this.database.pageSize(), index.commit(), index);
	}

	private CapturePosition checkpointed() throws Exception {
		assertThat(this.database.lockWriters(Duration.ofSeconds(1))).isTrue();
		this.database.renewGuard();
		assertThat(this.database.checkpoint().isComplete()).isTrue();
		this.database.renewGuard();
		this.database.unlockWriters();
		CapturePosition position = position();
		assertThat(position.sealed()).isTrue();
		return position;
	}

	private static ReplicaHistory history(long end, long max) {
		List<StoredFile> files = new ArrayList<>();
		if (max > 0) {
			files.add(new StoredFile(new LtxKey(0, LtxFileName.of(new Txid(max))), 100, Instant.EPOCH));
		}
		return new ReplicaHistory(files, new Txid(end), new Txid(max));
	}

	private StagedFile staged(long txid) throws Exception {
		return new Staging(this.folder.resolve("staging")).write(new Txid(txid), Instant.EPOCH,
				StagingTests.ltx(new Txid(txid)), OptionalLong.empty(), 0);
	}

	private String url() {
		return "jdbc:sqlite:" + this.folder.resolve("app.db");
	}

	private void open() throws SQLException {
		this.database = LiveDatabase
			.open(new DatabaseSettings(this.folder.resolve("app.db"), url(), Map.of(), Duration.ofSeconds(5)));
		this.application = DriverManager.getConnection(url());
		execute("PRAGMA wal_autocheckpoint=0");
	}

	private void reopen() throws Exception {
		closeBoth();
		open();
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.application.createStatement()) {
			statement.execute(sql);
		}
	}

}
