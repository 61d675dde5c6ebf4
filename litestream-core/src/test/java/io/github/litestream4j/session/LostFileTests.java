package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.ChainAudit;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.history.RestoreDrill;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.RingLedger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each stored file of a replica with merged files and snapshots is damaged, and then
 * lost, one at a time: somebody says so, and no restore gives a wrong state.
 */
class LostFileTests {

	private static final int FILES = 40;

	private static final HistorySettings HISTORY = new HistorySettings(
			List.of(Duration.ofMillis(500), Duration.ofMillis(1500)), Duration.ofHours(1), Duration.ofMillis(1200),
			Duration.ofHours(1), false, false, Duration.ZERO);

	@TempDir
	Path folder;

	private FileReplicaStorage storage;

	/** The ledger's number at each TXID that a file ends with. */
	private final Map<Txid, Long> states = new TreeMap<>();

	private Txid newest = Txid.ZERO;

	private int restores;

	@BeforeEach
	void prepare() throws Exception {
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		try (TestDatabase database = TestDatabase
			.open(TestDatabase.settings(this.folder.resolve("app.db")).with(HISTORY), this.storage);
				Connection connection = database.connect()) {
			RingLedger ledger = new RingLedger(connection);
			Awaitility.await().pollInterval(Duration.ofMillis(100)).atMost(Duration.ofMinutes(1)).until(() -> {
				ledger.commit();
				ledger.commit();
				this.newest = database.replicator().sync(TestDatabase.TIMEOUT);
				return files().size() >= FILES && this.storage.list(2).size() >= 2
						&& this.storage.list(LtxKey.SNAPSHOT_LEVEL).size() >= 2;
			});
			// Nothing says that a file is missing whose transactions are in no other file
			Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> isMerged(1) && isMerged(2));
		}
		for (StoredFile file : files()) {
			Txid txid = file.key().name().max();
			if (!this.states.containsKey(txid)) {
				this.states.put(txid, restore(RestoreRequest.latest(target()).to(txid)));
			}
		}
	}

	@Test
	void eachDamagedFileIsNamedAndNoRestoreIsWrong() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		for (StoredFile file : files()) {
			Path path = path(file);
			byte[] bytes = Files.readAllBytes(path);
			FileTime time = Files.getLastModifiedTime(path);
			byte[] damaged = bytes.clone();
			damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
			put(path, damaged, time);
			assertThat(drill(List.of())).as("damaged: %s", file.key()).contains(file.key().toString());
			requireNoneWrong("damaged: " + file.key());
			put(path, bytes, time);
		}
		assertThat(drill(List.of())).isEmpty();
		System.out.println(files().size() + " files damaged, " + this.restores + " restores checked");
	}

	@Test
	void eachLostFileIsNamedAndNoRestoreIsWrong() throws Exception {
		List<LtxKey> unseen = new ArrayList<>();
		List<StoredFile> stored = files();
		for (StoredFile file : stored) {
			Path path = path(file);
			byte[] bytes = Files.readAllBytes(path);
			FileTime time = Files.getLastModifiedTime(path);
			Files.delete(path);
			assertThat(drill(stored)).as("lost: %s", file.key()).contains(file.key().toString());
			int failed = requireNoneWrong("lost: " + file.key());
			// To whoever knows nothing but the replica
			if ((ChainAudit.of(this.storage).findings() + drill(List.of())).equals("[]")) {
				assertThat(failed).as("lost and not seen: %s", file.key()).isZero();
				unseen.add(file.key());
			}
			put(path, bytes, time);
		}
		assertThat(ChainAudit.of(this.storage).findings()).isEmpty();
		assertThat(drill(stored)).isEmpty();
		System.out.println(stored.size() + " files lost, " + this.restores
				+ " restores checked, seen by whoever stored them only: " + unseen);
		// What ends where a merged file does, or where a chain leads across a snapshot
		assertThat(unseen).hasSizeLessThan(FILES / 4);
	}

	private boolean isMerged(int level) {
		List<StoredFile> files = this.storage.list(level);
		return !files.isEmpty() && files.get(files.size() - 1).key().name().max().equals(this.newest);
	}

	private String drill(List<StoredFile> known) throws IOException {
		String failure = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, () -> known,
				ReplicaIndex.of(List.of()))
			.run(null)
			.failure();
		return (failure != null) ? failure : "";
	}

	/**
	 * Restore every state that was kept.
	 * @return how many of them cannot be restored
	 */
	private int requireNoneWrong(String what) throws Exception {
		int failed = isRight(what, RestoreRequest.latest(target()), this.newest) ? 0 : 1;
		for (Txid txid : this.states.keySet()) {
			failed += isRight(what, RestoreRequest.latest(target()).to(txid), txid) ? 0 : 1;
		}
		return failed;
	}

	private boolean isRight(String what, RestoreRequest request, Txid txid) throws Exception {
		try {
			assertThat(restore(request)).as(what).isEqualTo(this.states.get(txid));
			return true;
		}
		catch (LitestreamException ex) {
			assertThat(request.target()).as(what).doesNotExist();
			return false;
		}
	}

	private long restore(RestoreRequest request) throws Exception {
		this.restores++;
		RestoreResult result = new Restorer(this.storage).restore(request).orElseThrow();
		long number = RingLedger.verify(request.target());
		Files.delete(request.target());
		if (request.txid() != null) {
			assertThat(result.txid()).isEqualTo(request.txid());
		}
		return number;
	}

	private Path target() {
		return this.folder.resolve("restored.db");
	}

	private List<StoredFile> files() {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(this.storage.list(level));
		}
		return files;
	}

	private Path path(StoredFile file) {
		return this.folder.resolve("replica/ltx/" + file.key().level()).resolve(file.key().name().toString());
	}

	private static void put(Path path, byte[] bytes, FileTime time) throws IOException {
		Files.write(path, bytes);
		Files.setLastModifiedTime(path, time);
	}

}
