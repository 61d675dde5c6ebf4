package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever of the real Litestream reads a replica goes on across a delta, as if nothing
 * had been lost.
 */
class DeltaInteropTests extends AbstractFileReplicaTests {

	private static final String CHANGE = "UPDATE big SET i = -1 WHERE i = 7";

	private static final String SHRINK = "DELETE FROM big WHERE i > 50; VACUUM";

	private static final String GROW = "INSERT INTO big SELECT i + 1000, randomblob(900) FROM big";

	private static final String NOTHING = "SELECT count(*) FROM big";

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	/** What the ledger's last number is at each TXID. */
	private final Map<Txid, Long> states = new TreeMap<>();

	private String url;

	@BeforeEach
	void prepare() throws Exception {
		this.url = LitestreamBinary.url(this.folder.resolve("replica"));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.execute("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
					+ "WHERE i < 300) SELECT i, randomblob(900) AS data FROM n");
			commit(database, ledger);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { CHANGE, SHRINK, GROW, NOTHING })
	void restoresToEachTxidBeforeAtAndAfter(String change) throws Exception {
		Txid delta = goOnAfter(change);
		assertThat(this.states).containsKey(delta);
		for (Map.Entry<Txid, Long> state : this.states.entrySet()) {
			String txid = state.getKey().toString();
			Path ours = this.folder.resolve("ours-" + txid);
			Path theirs = this.folder.resolve("theirs-" + txid);
			new Restorer(this.storage).restore(RestoreRequest.latest(ours).to(state.getKey()));
			LitestreamBinary.current().restore(this.url, theirs, "-txid", txid, "-integrity-check", "full").succeeded();
			assertThat(Files.mismatch(theirs, ours)).as(txid).isEqualTo(-1);
			assertThat(Ledger.verify(theirs)).as(txid).isEqualTo(state.getValue());
		}
		Path latest = this.folder.resolve("latest");
		LitestreamBinary.current().restore(this.url, latest, "-integrity-check", "full").succeeded();
		assertSameRows(latest);
	}

	@ParameterizedTest
	@ValueSource(strings = { CHANGE, SHRINK, GROW, NOTHING })
	void aFollowerFollows(String change) throws Exception {
		Path followed = this.folder.resolve("followed");
		try (ChildProcess follower = LitestreamBinary.current()
			.follow(this.url, followed, this.folder.resolve("follow.log"))) {
			await(follower, "entering follow mode");
			goOnAfter(change);
			await(follower, "to_txid=" + last());
			assertThat(follower.terminate(TIMEOUT)).as(follower::output).isZero();
			assertThat(follower.output()).doesNotContain("level=ERROR");
		}
		assertSameRows(followed);
	}

	@ParameterizedTest
	@ValueSource(strings = { CHANGE, SHRINK, NOTHING })
	void theVfsReadsOn(String change) throws Exception {
		long before = this.states.get(last());
		try (ChildProcess open = VfsReader.start(this.url, Map.of(), folder("open"), before + 3)) {
			await(open, "ledger %d %d\n".formatted(before, before));
			goOnAfter(change);
			long after = this.states.get(last());
			assertThat(after).isEqualTo(before + 3);
			assertThat(open.await(TIMEOUT)).as(open::output).isZero();
			assertThat(open.output()).contains("ledger %d %d\n".formatted(after, after));
			try (ChildProcess opened = VfsReader.start(this.url, Map.of(), folder("opened"), after)) {
				assertThat(opened.await(TIMEOUT)).as(opened::output).isZero();
				assertThat(opened.output()).contains("ledger %d %d\n".formatted(after, after));
			}
		}
	}

	private Path folder(String name) throws Exception {
		return Files.createDirectories(this.folder.resolve(name));
	}

	/**
	 * Let another process change the database and cut the WAL, so that a delta follows.
	 * @return the delta's TXID
	 */
	private Txid goOnAfter(String change) throws Exception {
		Txid delta = last().next();
		long before = this.states.get(last());
		sqlite3(change + "; PRAGMA wal_checkpoint(TRUNCATE)");
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			assertThat(database.replicator().sync(TestDatabase.TIMEOUT)).isEqualTo(delta);
			this.states.put(delta, before);
			commit(database, new Ledger(connection, 2));
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("a delta, no snapshot").hasSize(1);
		return delta;
	}

	private void commit(TestDatabase database, Ledger ledger) throws Exception {
		for (int i = 0; i < 3; i++) {
			ledger.commit();
			this.states.put(database.replicator().sync(TestDatabase.TIMEOUT), ledger.last());
		}
		TestDatabase.awaitReading();
	}

	private Txid last() {
		List<StoredFile> files = this.storage.list(0);
		return files.get(files.size() - 1).key().name().max();
	}

	private static void await(ChildProcess process, String text) {
		Awaitility.await().atMost(TIMEOUT).until(() -> process.output().contains(text) || !process.isAlive());
		assertThat(process.output()).contains(text);
	}

	private void assertSameRows(Path copy) throws Exception {
		assertThat(Ledger.verify(copy)).isEqualTo(this.states.get(last()));
		String rows = "SELECT * FROM ledger; SELECT id, hex(data) FROM churn; SELECT i, hex(data) FROM big";
		assertThat(sqlite3(copy, rows)).isEqualTo(sqlite3(this.settings.database(), rows)).isNotEmpty();
	}

	private void sqlite3(String sql) {
		sqlite3(this.settings.database(), sql);
	}

	private String sqlite3(Path database, String sql) {
		Path log = Stream.iterate(0, (i) -> i + 1)
			.map((i) -> this.folder.resolve("sqlite3-" + i + ".log"))
			.filter(Files::notExists)
			.findFirst()
			.orElseThrow();
		try (ChildProcess process = ChildProcess.start(List.of("sqlite3", database.toString(), sql), Map.of(),
				this.folder, log)) {
			assertThat(process.await(TIMEOUT)).as(process::output).isZero();
			return process.output();
		}
	}

}
