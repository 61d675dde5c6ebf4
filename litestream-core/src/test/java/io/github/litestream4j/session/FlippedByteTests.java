package io.github.litestream4j.session;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One byte of anything is changed while we are away: a restore or the next start says
 * which, and no restored database is ever a wrong one.
 */
class FlippedByteTests {

	private static final int PAGE = 4096;

	private static final int FLIPS = 100;

	@TempDir
	Path folder;

	private Path pristine;

	/** The database at each TXID. */
	private final Map<Txid, byte[]> states = new TreeMap<>();

	private Random random = new Random();

	/** The copy that is being damaged. */
	private Path copy = Path.of("");

	@BeforeEach
	void prepare() throws Exception {
		this.pristine = Files.createDirectories(this.folder.resolve("pristine"));
		FileReplicaStorage storage = new FileReplicaStorage(this.pristine.resolve("replica"));
		ReplicatorSettings settings = settings(this.pristine);
		try (TestDatabase database = TestDatabase.open(settings, storage); Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 12; i++) {
				ledger.commit();
				ledger.execute("INSERT INTO churn VALUES (NULL, randomblob(9000))");
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			// Longer than a checkpoint is put off: all is in the file
			Awaitility.await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
			ledger.commit();
			ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		for (StoredFile file : storage.list(0)) {
			Path target = this.folder.resolve("state-" + file.key().name().max());
			restore(storage, file.key().name().max(), target);
			this.states.put(file.key().name().max(), Files.readAllBytes(target));
		}
	}

	@Test
	void eachOfAHundredIsNamed() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		this.random = new Random(seed);
		Map<String, Integer> kinds = new TreeMap<>();
		for (int i = 0; i < FLIPS; i++) {
			this.copy = this.folder.resolve("copy-" + i);
			copy(this.pristine, this.copy);
			String kind = switch (i % 5) {
				case 0, 1 -> flipStored();
				case 2 -> flipMeta();
				case 3 -> flipDatabase();
				default -> flipWal();
			};
			kinds.merge(kind, 1, Integer::sum);
		}
		System.out.println("flipped bytes, each of them named: " + kinds);
	}

	private String flipStored() throws Exception {
		Path file = anyOf(this.copy.resolve("replica/ltx"));
		long at = flip(file, Files.size(file));
		assertNamed(restored(last()), file, at);
		return "level " + file.getParent().getFileName();
	}

	private String flipMeta() throws Exception {
		Path file = anyOf(this.copy.resolve("replica/meta"));
		long at = flip(file, Files.size(file));
		if (file.toString().contains("checksums")) {
			// What only a restore to just this TXID reads
			Txid txid = LtxFileName.parse(file.getFileName().toString()).orElseThrow().max();
			assertNamed(restored(txid), file, at);
			return "checksum";
		}
		String found = started(false);
		if (found.isEmpty()) {
			// It is read by whoever asks for the generations
			found = generations();
		}
		assertNamed(found, file, at);
		restored(last());
		return file.toString().contains("generations") ? "generation" : "identity";
	}

	private String flipDatabase() throws Exception {
		Path file = this.copy.resolve("app.db");
		Set<Long> hidden = pagesInWal();
		long at = this.random.nextLong(Files.size(file));
		while (hidden.contains(at / PAGE + 1)) {
			at = this.random.nextLong(Files.size(file));
		}
		flip(file, at, at + 1);
		String found = started(true);
		assertNamed(found, file, at);
		if (found.contains("checksum")) {
			assertThat(found).contains("page " + (at / PAGE + 1) + " ");
		}
		assertThat(restored(last())).isEmpty();
		return "database";
	}

	private String flipWal() throws Exception {
		Path file = this.copy.resolve("app.db-wal");
		long at = flip(file, 32 + framesOfTheRun() * (24L + PAGE));
		assertNamed(started(false), file, at);
		assertThat(restored(last())).isEmpty();
		return "wal";
	}

	private static void assertNamed(String found, Path file, long at) {
		assertThat(found).as("byte %d of %s", at, file).contains(file.getFileName().toString());
	}

	/**
	 * @return what a restore said, nothing when it gave the right database
	 */
	private String restored(Txid txid) throws Exception {
		Path target = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
		try {
			restore(new FileReplicaStorage(this.copy.resolve("replica")), txid, target);
		}
		catch (LitestreamException ex) {
			assertThat(target).doesNotExist();
			return String.valueOf(ex.getMessage());
		}
		assertThat(Files.readAllBytes(target)).isEqualTo(this.states.get(txid));
		return "";
	}

	/**
	 * @param expected whether something must be found in the background
	 * @return what the next start said
	 */
	private String started(boolean expected) throws Exception {
		try (TestDatabase database = TestDatabase.open(settings(this.copy),
				new FileReplicaStorage(this.copy.resolve("replica")))) {
			if (expected) {
				Awaitility.await().until(() -> database.replicator().status().errors().count(ErrorStage.DATABASE) > 0);
			}
			return String.valueOf(database.replicator().status().failure()).replace("null", "");
		}
		catch (LitestreamException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	private String generations() {
		try (TestDatabase database = TestDatabase.open(settings(this.copy),
				new FileReplicaStorage(this.copy.resolve("replica")))) {
			return database.replicator().generations().toString();
		}
		catch (LitestreamException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	private Set<Long> pagesInWal() throws IOException {
		byte[] wal = Files.readAllBytes(this.copy.resolve("app.db-wal"));
		Set<Long> pages = new HashSet<>();
		for (long frame = 0; frame < framesOfTheRun(); frame++) {
			pages.add((long) ByteBuffer.wrap(wal).getInt((int) (32 + frame * (24 + PAGE))));
		}
		return pages;
	}

	private long framesOfTheRun() throws IOException {
		ByteBuffer wal = ByteBuffer.wrap(Files.readAllBytes(this.pristine.resolve("app.db-wal")));
		long salts = wal.getLong(16);
		long frames = 0;
		while (32 + (frames + 1) * (24 + PAGE) <= wal.limit()
				&& wal.getLong((int) (32 + frames * (24 + PAGE) + 8)) == salts) {
			frames++;
		}
		return frames;
	}

	private Txid last() {
		return ((TreeMap<Txid, byte[]>) this.states).lastKey();
	}

	private long flip(Path file, long end) throws IOException {
		return flip(file, 0, end);
	}

	private long flip(Path file, long from, long end) throws IOException {
		long at = from + this.random.nextLong(end - from);
		try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
			access.seek(at);
			int old = access.read();
			access.seek(at);
			access.write(old ^ (1 + this.random.nextInt(255)));
		}
		return at;
	}

	private Path anyOf(Path top) throws IOException {
		try (Stream<Path> files = Files.walk(top)) {
			List<Path> all = new ArrayList<>(files.filter(Files::isRegularFile).sorted().toList());
			return all.get(this.random.nextInt(all.size()));
		}
	}

	private static void copy(Path from, Path to) throws IOException {
		try (Stream<Path> files = Files.walk(from)) {
			for (Path file : files.toList()) {
				Files.copy(file, to.resolve(from.relativize(file)));
			}
		}
	}

	private static ReplicatorSettings settings(Path folder) {
		return TestDatabase.settings(folder.resolve("app.db"))
			.with(new CheckpointSettings(30, Duration.ofHours(1), 1000));
	}

	private static void restore(FileReplicaStorage storage, Txid txid, Path target) {
		new Restorer(storage).restore(RestoreRequest.latest(target).to(txid)).orElseThrow();
	}

}
