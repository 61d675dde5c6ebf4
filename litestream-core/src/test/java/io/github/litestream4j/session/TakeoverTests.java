package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Of two writers of one replica one goes on, and no restore ever gives a state that
 * neither of them had.
 */
class TakeoverTests {

	@TempDir
	Path folder;

	private Path replica;

	private Random random;

	/** Of the threads. */
	private final List<Throwable> failures = new CopyOnWriteArrayList<>();

	@BeforeEach
	void prepare() throws Exception {
		this.replica = Files.createDirectory(this.folder.resolve("replica"));
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		this.random = new Random(seed);
	}

	@Test
	void f30TheFormerWriterIsShutOutBeforeTheSnapshotIsStored() throws Exception {
		Machine former = machine("former").begun(3);
		Txid end = newest(0);
		Machine successor = former.copy("successor", false);
		successor.storage.hang(Operation.PUT);
		successor.open();
		successor.session().replicator().start();
		// A file that changes nothing is there before the snapshot is
		Awaitility.await().atMost(TestDatabase.TIMEOUT).until(() -> newest(0).equals(end.next()));
		assertThat(restored(end.next())).isEqualTo(former.entries);
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		former.commit(2);
		former.awaitFenced();
		successor.commit(2);
		successor.storage.release(Operation.PUT);
		successor.sync();
		assertThat(successor.session().replicator().generations()).extracting(Generation::reason)
			.containsExactly("first-start", "position-unknown");
		assertThat(successor.session().replicator().generations().get(1).firstTxid()).isEqualTo(end.next().next());
		assertEveryRestore(successor, former, successor);
		former.close();
		successor.close();
	}

	@Test
	void f30ASuccessorThatIsTooLateGoesNotOn() throws Exception {
		Machine former = machine("former").begun(3);
		Machine successor = former.copy("successor", false);
		successor.storage.hang(Operation.PUT_IF_ABSENT);
		successor.open();
		successor.commit(2);
		Awaitility.await().until(() -> successor.storage.calls(Operation.PUT_IF_ABSENT) > 0);
		former.commit(1);
		former.sync();
		successor.storage.release(Operation.PUT_IF_ABSENT);
		successor.awaitFenced();
		former.commit(1);
		former.sync();
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertThat(former.session().replicator().generations()).hasSize(1);
		assertEveryRestore(former, former, successor);
		former.close();
		successor.close();
	}

	@Test
	void f30ASnapshotThatIsOvertakenIsTakenAwayAgain() throws Exception {
		Machine first = machine("first").gone(2);
		Machine slow = first.copy("slow", false);
		Machine fast = first.copy("fast", false);
		slow.storage.hang(Operation.PUT);
		slow.open();
		slow.commit(2);
		Awaitility.await().until(() -> slow.storage.calls(Operation.PUT) > 0);
		fast.open();
		fast.commit(2);
		fast.sync();
		slow.storage.release(Operation.PUT);
		slow.awaitFenced();
		fast.commit(1);
		fast.sync();
		assertEveryRestore(fast, slow, fast);
		assertThat(storage().list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		slow.close();
		fast.close();
	}

	@ParameterizedTest
	@EnumSource
	void f30TwoWritersInAnyOrder(Beginning beginning) throws Exception {
		for (int round = 0; round < 3; round++) {
			twoWriters(beginning, round);
			delete(this.replica);
			Files.createDirectory(this.replica);
		}
	}

	private void twoWriters(Beginning beginning, int round) throws Exception {
		Machine base = machine("base-" + round).begun(1 + this.random.nextInt(4));
		Machine one = (beginning == Beginning.ONE_GOES_ON) ? base : base.copy("one-" + round, false);
		Machine two = base.copy("two-" + round, false);
		if (one != base) {
			base.close();
		}
		Thread racer = race(one);
		pause();
		Thread other = race(two);
		racer.join(TestDatabase.TIMEOUT.toMillis());
		other.join(TestDatabase.TIMEOUT.toMillis());
		List<Machine> going = Stream.of(one, two).filter((machine) -> !machine.isFenced()).toList();
		assertThat(this.failures).isEmpty();
		assertThat(going).as("one stops at least").hasSizeLessThan(2);
		if (beginning == Beginning.ONE_GOES_ON) {
			assertThat(going).as("and one goes on").hasSize(1);
		}
		if (!going.isEmpty()) {
			going.get(0).sync();
		}
		assertEveryRestore(going.isEmpty() ? null : going.get(0), one, two);
		one.close();
		two.close();
	}

	/** How the first of two writers begins; the second takes over. */
	enum Beginning {

		ONE_GOES_ON, BOTH_TAKE_OVER

	}

	/** Opens, commits and is disturbed until either is fenced. */
	private Thread race(Machine machine) {
		Random random = new Random(this.random.nextLong());
		Thread thread = new Thread(() -> {
			try {
				if (machine.session() == null) {
					machine.open();
				}
				for (int i = 0; i < 40 && !machine.isFenced(); i++) {
					Operation operation = random.nextBoolean() ? Operation.PUT_IF_ABSENT : Operation.PUT;
					boolean disturbed = random.nextInt(4) == 0;
					if (disturbed) {
						machine.storage.hang(operation);
					}
					machine.commit(1);
					pause(random.nextInt(30));
					if (disturbed) {
						machine.storage.release(operation);
					}
				}
				Awaitility.await()
					.atMost(Duration.ofSeconds(10))
					.until(() -> machine.isFenced() || machine.session().replicator().status().lagTransactions() == 0);
			}
			catch (Exception | AssertionError ex) {
				this.failures.add(ex);
			}
		});
		thread.start();
		return thread;
	}

	private void pause() {
		pause(this.random.nextInt(60));
	}

	private static void pause(int millis) {
		Awaitility.await().pollDelay(Duration.ofMillis(millis)).pollInterval(Duration.ofMillis(1)).until(() -> true);
	}

	/** Of every TXID, by us, and of some by the real Litestream. */
	private void assertEveryRestore(Machine going, Machine... machines) throws Exception {
		TreeSet<Txid> txids = new TreeSet<>();
		for (int level : new int[] { 0, LtxKey.SNAPSHOT_LEVEL }) {
			storage().list(level).stream().map((file) -> file.key().name().max()).forEach(txids::add);
		}
		for (Txid txid : txids) {
			assertPrefix(restored(txid), txid, machines);
		}
		List<Txid> some = new ArrayList<>(txids);
		for (int i = 0; i < 2; i++) {
			Txid txid = some.get(this.random.nextInt(some.size()));
			assertPrefix(restoredByLitestream("-txid", txid.toString()), txid, machines);
		}
		if (going != null) {
			assertThat(restored(null)).isEqualTo(going.entries);
			assertThat(restoredByLitestream()).isEqualTo(going.entries);
		}
	}

	private static void assertPrefix(List<String> entries, Txid txid, Machine... machines) {
		assertThat(machines).as(() -> txid + " is " + entries)
			.anyMatch((machine) -> entries.size() <= machine.entries.size()
					&& machine.entries.subList(0, entries.size()).equals(entries));
	}

	private List<String> restored(Txid txid) throws Exception {
		Path target = Files.createTempDirectory(this.folder, "ours").resolve("app.db");
		RestoreRequest request = RestoreRequest.latest(target);
		new Restorer(storage()).restore((txid != null) ? request.to(txid) : request);
		return entries(target);
	}

	private List<String> restoredByLitestream(String... options) throws Exception {
		Path target = Files.createTempDirectory(this.folder, "theirs").resolve("app.db");
		LitestreamBinary.current().restore(LitestreamBinary.url(this.replica), target, options).succeeded();
		return entries(target);
	}

	private static List<String> entries(Path database) throws SQLException {
		List<String> entries = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
				check.next();
				assertThat(check.getString(1)).isEqualTo("ok");
			}
			try (ResultSet tables = statement.executeQuery("SELECT count(*) FROM sqlite_schema")) {
				tables.next();
				if (tables.getInt(1) == 0) {
					return entries;
				}
			}
			try (ResultSet rows = statement.executeQuery("SELECT seq, writer FROM entries ORDER BY seq")) {
				while (rows.next()) {
					entries.add(rows.getLong(1) + rows.getString(2));
				}
			}
		}
		return entries;
	}

	private Machine machine(String name) throws Exception {
		return new Machine(this.folder, this.replica, name);
	}

	private FileReplicaStorage storage() {
		return new FileReplicaStorage(this.replica);
	}

	private Txid newest(int level) {
		List<StoredFile> files = storage().list(level);
		return files.isEmpty() ? Txid.ZERO : files.get(files.size() - 1).key().name().max();
	}

	private static void delete(Path folder) throws Exception {
		try (Stream<Path> paths = Files.walk(folder)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

}
