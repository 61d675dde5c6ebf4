package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A replica holds one database, and no other is stored there unless its user says so.
 */
class IdentityTests extends AbstractFileReplicaTests {

	private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");

	@Test
	void bothSidesGetTheSameIdentityBeforeAnythingIsStored() throws Exception {
		DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage);
		assertThat(local(this.settings)).isEqualTo(remote(this.storage)).contains("\"pageSize\":\"4096\"");
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).isEmpty();
		session.close(TestDatabase.TIMEOUT);
		String identity = local(this.settings);
		assertThat(commit(this.settings, this.storage)).isOne();
		assertThat(local(this.settings)).isEqualTo(remote(this.storage)).isEqualTo(identity);
	}

	@Test
	void f30ADatabaseThatIsNotTheReplicasIsRefused() throws Exception {
		commit(this.settings, this.storage);
		ReplicatorSettings other = other("other.db");
		commit(other, replica("elsewhere"));
		Map<Path, String> before = contents();
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(other, RestoreSettings.DEFAULT, this.storage))
			.withMessageContaining(other.database().toString())
			.withMessageContaining(this.storage.url())
			.withMessageContaining(id(remote(this.storage)) + " (page size 4096)")
			.withMessageContaining(id(local(other)) + " (page size 4096)")
			.withMessageContaining("litestream.replica.new-history=" + id(remote(this.storage)));
		assertThat(contents()).isEqualTo(before);
		assertThat(commit(other, replica("elsewhere"))).as("goes on where it belongs").isEqualTo(2);
	}

	@Test
	void f31AnotherDatabaseTakesOverWhenItsUserSaysSo() throws Exception {
		commit(this.settings, this.storage);
		commit(this.settings, this.storage);
		Txid newest = newest();
		ReplicatorSettings other = other("other.db");
		try (TestDatabase database = TestDatabase.open(other, replica("elsewhere"));
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 7; i++) {
				ledger.commit();
			}
		}
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(other.withNewHistory(id(local(other))), RestoreSettings.DEFAULT,
					this.storage))
			.withMessageContaining(id(local(other)))
			.withMessageContaining("has the id " + id(remote(this.storage)));
		ReplicatorSettings named = other.withNewHistory(id(remote(this.storage)));
		for (int i = 8; i < 11; i++) {
			assertThat(commit(named, this.storage)).isEqualTo(i);
			assertThat(generations(named)).extracting(Generation::reason).containsExactly("first-start", "new-history");
		}
		assertThat(local(other)).isEqualTo(remote(this.storage));
		assertThat(commit(other, this.storage)).as("without the property").isEqualTo(11);
		assertRestores(11);
		// What was there before still is
		Path before = this.folder.resolve("before");
		new Restorer(this.storage).restore(RestoreRequest.latest(before).to(newest));
		assertThat(Ledger.verify(before)).isEqualTo(2);
		// And whose it was is refused
		assertThat(generations(other).get(1).firstTxid()).isGreaterThan(newest);
	}

	@Test
	void f30ACopyGoesOnWhenItIsTheReplicasDatabase() throws Exception {
		commit(this.settings, this.storage);
		// The checksum of all pages is known by the second start at the latest
		commit(this.settings, this.storage);
		ReplicatorSettings copy = copy(this.settings.database(), "machine");
		assertThat(commit(copy, this.storage)).isEqualTo(3);
		assertThat(local(copy)).isEqualTo(remote(this.storage));
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertThat(generations(copy)).hasSize(1);
		assertRestores(3);
	}

	@Test
	void f30ACopyThatDiffersIsRefused() throws Exception {
		commit(this.settings, this.storage);
		ReplicatorSettings copy = copy(this.settings.database(), "machine");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy.database())) {
			new Ledger(connection, 1).commit();
		}
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(copy, RestoreSettings.DEFAULT, this.storage))
			.withMessageContaining("this database has no identity")
			.withMessageContaining(id(remote(this.storage)));
		assertThat(Files.exists(identity(copy))).isFalse();
		// An older one too
		ReplicatorSettings older = copy(this.settings.database(), "older");
		commit(this.settings, this.storage);
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(older, RestoreSettings.DEFAULT, this.storage));
		assertRestores(2);
	}

	@Test
	void aRestoredDatabaseIsTheReplicas() throws Exception {
		commit(this.settings, this.storage);
		ReplicatorSettings machine = TestDatabase
			.settings(Files.createDirectory(this.folder.resolve("machine")).resolve("app.db"));
		assertThat(commit(machine, this.storage)).isEqualTo(2);
		assertThat(local(machine)).isEqualTo(remote(this.storage));
		// And where another identity was left behind
		Files.delete(machine.database());
		Files.copy(identityOfAnother(), identity(machine), StandardCopyOption.REPLACE_EXISTING);
		assertThat(commit(machine, this.storage)).isEqualTo(3);
		assertThat(local(machine)).isEqualTo(remote(this.storage));
		assertThat(generations(machine)).hasSize(1);
	}

	@Test
	void f31AReplicaThatIsGoneIsBegunAnew() throws Exception {
		commit(this.settings, this.storage);
		String identity = local(this.settings);
		FaultyStorage empty = replica("empty");
		assertThat(commit(this.settings, empty)).isEqualTo(2);
		assertThat(remote(empty)).isEqualTo(local(this.settings)).isEqualTo(identity);
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(empty, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(2);
	}

	@Test
	void f31APositionInAnotherReplicaIsNoneInThisOne() throws Exception {
		commit(this.settings, this.storage);
		// One that ends at the same TXID, and has no identity: Litestream's, for example
		ReplicatorSettings other = other("other.db");
		FaultyStorage theirs = replica("theirs");
		commit(other, theirs);
		Files.delete(this.folder.resolve("theirs/meta/replica.json"));
		assertThat(commit(this.settings, theirs)).isEqualTo(2);
		assertThat(remote(theirs)).isEqualTo(local(this.settings));
		assertThat(theirs.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		try (TestDatabase database = TestDatabase.open(this.settings, theirs)) {
			assertThat(database.replicator().generations()).extracting(Generation::reason)
				.containsExactly("first-start", "replica-changed");
		}
		// The former replica is another database's now, as far as it can be told
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage));
	}

	@Test
	void aReplicaOfLitestreamsIsAdopted() throws Exception {
		Path source = this.folder.resolve("source.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + source)) {
			new Ledger(connection, 1).commit();
		}
		replicateWithLitestream(source);
		assertThat(commit(this.settings, this.storage)).isEqualTo(2);
		assertThat(local(this.settings)).isEqualTo(remote(this.storage));
		assertRestores(2);
	}

	@Test
	void damageOnEitherSideIsNamed() throws Exception {
		commit(this.settings, this.storage);
		Path remote = this.folder.resolve("replica/meta/replica.json");
		for (Path file : List.of(identity(this.settings), remote)) {
			byte[] whole = Files.readAllBytes(file);
			for (int at : new int[] { 3, whole.length / 2, whole.length - 3 }) {
				byte[] damaged = whole.clone();
				damaged[at] ^= 4;
				Files.write(file, damaged);
				assertThatExceptionOfType(CorruptDataException.class)
					.isThrownBy(() -> DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage))
					.withMessageContaining(file.getFileName().toString());
			}
			Files.write(file, whole);
		}
		assertThat(commit(this.settings, this.storage)).isEqualTo(2);
	}

	@Test
	void anErrorIsNoAbsence() throws Exception {
		commit(this.settings, this.storage);
		String identity = remote(this.storage);
		this.storage.failAlways(Operation.READ_META);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage));
		this.storage.heal();
		assertThat(commit(this.settings, this.storage)).isEqualTo(2);
		assertThat(remote(this.storage)).isEqualTo(identity);
	}

	@Test
	void aReplicaThatCannotBeWrittenFailsTheFirstStart() throws Exception {
		this.storage.failAlways(Operation.PUT_META);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage));
		assertThat(this.settings.database()).doesNotExist();
		this.storage.heal();
		assertThat(commit(this.settings, this.storage)).isOne();
		assertThat(local(this.settings)).isEqualTo(remote(this.storage));
	}

	@Test
	void aDatabaseThatIsMadeForAReplicaOfAnotherPageSizeIsNotLeftBehind() throws Exception {
		Path source = this.folder.resolve("source.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + source + "?page_size=1024")) {
			new Ledger(connection, 1).commit();
		}
		replicateWithLitestream(source);
		RestoreSettings never = new RestoreSettings(false, null, null, IntegrityCheck.QUICK, 1);
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> DatabaseSession.open(this.settings, never, this.storage))
			.withMessageContaining("1024");
		try (var files = Files.list(this.folder)) {
			assertThat(files.map((file) -> file.getFileName().toString()))
				.noneMatch((name) -> name.startsWith("app.db"));
		}
	}

	@Test
	void f31AnEmptyDatabaseInThePlaceOfOneThatWasDeletedBeginsAnew() throws Exception {
		commit(this.settings, this.storage);
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.deleteIfExists(Path.of(this.settings.database() + suffix));
		}
		RestoreSettings never = new RestoreSettings(false, null, null, IntegrityCheck.QUICK, 1);
		DatabaseSession session = DatabaseSession.open(this.settings, never, this.storage);
		session.replicator().start();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			assertThat(new Ledger(connection, 1).commit()).isOne();
		}
		session.replicator().sync(TestDatabase.TIMEOUT);
		assertThat(session.replicator().generations()).hasSize(2);
		session.close(TestDatabase.TIMEOUT);
		assertRestores(1);
	}

	private void replicateWithLitestream(Path source) {
		try (ChildProcess child = LitestreamBinary.current()
			.replicate(source, LitestreamBinary.url(this.folder.resolve("replica")), this.folder.resolve("log"))) {
			Awaitility.await()
				.atMost(TestDatabase.TIMEOUT)
				.until(() -> !child.isAlive() || !this.storage.list(LtxKey.SNAPSHOT_LEVEL).isEmpty());
			assertThat(child.isAlive()).as(child::output).isTrue();
			child.kill();
		}
	}

	private Path identityOfAnother() throws Exception {
		ReplicatorSettings other = other("another.db");
		commit(other, replica("another"));
		return identity(other);
	}

	private Map<Path, String> contents() throws Exception {
		Map<Path, String> contents = new TreeMap<>();
		try (var files = Files.walk(this.folder)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				contents.put(file, Arrays.toString(Files.readAllBytes(file)));
			}
		}
		return contents;
	}

	private FaultyStorage replica(String name) {
		return new FaultyStorage(new FileReplicaStorage(this.folder.resolve(name)));
	}

	private ReplicatorSettings other(String name) {
		return TestDatabase.settings(this.folder.resolve(name));
	}

	private ReplicatorSettings copy(Path database, String machine) throws Exception {
		Path target = Files.createDirectory(this.folder.resolve(machine)).resolve("app.db");
		for (String suffix : List.of("", "-wal")) {
			Files.copy(Path.of(database + suffix), Path.of(target + suffix));
		}
		return TestDatabase.settings(target);
	}

	private static long commit(ReplicatorSettings settings, FaultyStorage storage) throws Exception {
		try (TestDatabase database = TestDatabase.open(settings, storage); Connection connection = database.connect()) {
			long last = new Ledger(connection, 1).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
			return last;
		}
	}

	private List<Generation> generations(ReplicatorSettings settings) throws Exception {
		try (TestDatabase database = TestDatabase.open(settings, this.storage)) {
			List<Generation> generations = database.replicator().generations();
			assertThat(database.replicator().status().generation())
				.isEqualTo(generations.get(generations.size() - 1).id());
			return generations;
		}
	}

	private Txid newest() {
		var files = this.storage.list(0);
		return files.get(files.size() - 1).key().name().max();
	}

	private static Path identity(ReplicatorSettings settings) {
		Path database = settings.database();
		return database.resolveSibling("." + database.getFileName() + "-litestream-id");
	}

	private static String local(ReplicatorSettings settings) throws Exception {
		return Files.readString(identity(settings));
	}

	private static String remote(FaultyStorage storage) {
		return new String(storage.readMeta("replica.json").orElseThrow());
	}

	private static String id(String json) {
		Matcher matcher = ID.matcher(json);
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

}
