package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica of a small real database of which every state is known.
 */
final class StoredHistory {

	private static final int PAGE = 512;

	private final Path folder;

	private final ReplicaStorage storage;

	final TestClock clock = new TestClock();

	/** By TXID. */
	private final TreeMap<Long, byte[]> states = new TreeMap<>();

	private final TreeMap<Long, Instant> times = new TreeMap<>();

	private int restores;

	StoredHistory(Path folder, ReplicaStorage storage) throws IOException {
		this.folder = folder;
		this.storage = storage;
		state(1, "PRAGMA page_size = " + PAGE, "CREATE TABLE t (id INTEGER PRIMARY KEY, content BLOB)");
		snapshot();
	}

	private void state(long txid, String... statements) throws IOException {
		Path database = this.folder.resolve("source.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		this.states.put(txid, Files.readAllBytes(database));
		this.times.put(txid, this.clock.instant());
	}

	long txid() {
		return this.states.lastKey();
	}

	/** Store transactions in level 0, a second apart. */
	StoredHistory commits(int count) throws IOException {
		for (int i = 0; i < count; i++) {
			this.clock.step(Duration.ofSeconds(1));
			long txid = txid() + 1;
			change(txid);
			store(0, txid, txid);
		}
		return this;
	}

	private void change(long txid) throws IOException {
		state(txid,
				(txid % 5 == 0) ? "DELETE FROM t WHERE id % 2 = 0"
						: "INSERT INTO t (content) VALUES (randomblob(" + (100 + 37 * (txid % 11)) + "))",
				"UPDATE t SET content = x'" + "%02x".formatted(txid % 256) + "' WHERE id = " + txid % 7);
	}

	/** Begin anew with a snapshot, after a TXID that no file has. */
	StoredHistory beginAnew() throws IOException {
		this.clock.step(Duration.ofSeconds(1));
		change(txid() + 1);
		return snapshot();
	}

	StoredHistory snapshot() {
		store(LtxKey.SNAPSHOT_LEVEL, 1, txid());
		return this;
	}

	StoredHistory merge(int level, long min, long max) {
		store(level, min, max);
		return this;
	}

	private void store(int level, long min, long max) {
		LtxKey key = key(level, min, max);
		byte[] last = this.states.get(max);
		SortedMap<Long, byte[]> pages = pages(last);
		if (min > 1) {
			pages.keySet().retainAll(changed(min, max));
		}
		Instant time = this.times.get(max);
		LtxHeader header = LtxHeader.of(PAGE, last.length / PAGE, key.name().min(), key.name().max(), time);
		this.storage.put(key, time, (out) -> {
			try (LtxWriter writer = new LtxWriter(out, header)) {
				for (var page : pages.entrySet()) {
					writer.writePage(page.getKey(), page.getValue(), 0);
				}
				writer.finish(0);
			}
		});
	}

	private List<Long> changed(long min, long max) {
		List<Long> changed = new ArrayList<>();
		for (long txid = min; txid <= max; txid++) {
			SortedMap<Long, byte[]> before = pages(this.states.get(txid - 1));
			pages(this.states.get(txid)).forEach((number, page) -> {
				if (!Arrays.equals(page, before.get(number))) {
					changed.add(number);
				}
			});
		}
		return changed;
	}

	private static SortedMap<Long, byte[]> pages(byte[] database) {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		for (int at = 0; at < database.length; at += PAGE) {
			pages.put(at / PAGE + 1L, Arrays.copyOfRange(database, at, at + PAGE));
		}
		return pages;
	}

	/** Where a file is that is stored in the folder {@code replica}. */
	Path path(LtxKey key) {
		return this.folder.resolve("replica/ltx/" + key.level()).resolve(key.name().toString());
	}

	/**
	 * Change a byte of a stored file, and nothing else.
	 * @return what it held
	 */
	byte[] damage(LtxKey key) throws IOException {
		FileTime time = Files.getLastModifiedTime(path(key));
		byte[] sound = Files.readAllBytes(path(key));
		byte[] damaged = sound.clone();
		damaged[damaged.length / 2] ^= 0x10;
		Files.write(path(key), damaged);
		Files.setLastModifiedTime(path(key), time);
		return sound;
	}

	static LtxKey key(int level, long min, long max) {
		return new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max)));
	}

	Instant time(long txid) {
		return this.times.get(txid);
	}

	List<LtxKey> keys() {
		return files().stream().map(StoredFile::key).toList();
	}

	List<StoredFile> files() {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(this.storage.list(level));
		}
		return files;
	}

	/**
	 * Passes over it, by this clock, which has gone on for long enough to be believed.
	 */
	Retention retention(ReplicaIndex index, HistorySettings settings, Supplier<Optional<DrillResult>> drill) {
		Duration steady = Duration.ofMinutes(5);
		this.clock.step(steady.negated());
		Retention retention = new Retention("app", this.storage, index, settings, drill, (listed) -> {
		}, this.clock, () -> ChronoUnit.NANOS.between(Instant.EPOCH, this.clock.instant()));
		this.clock.step(steady);
		return retention;
	}

	ReplicaIndex index() {
		return ReplicaIndex.of(files());
	}

	/** Restore with another view on the storage, and compare with the state. */
	long restore(ReplicaStorage storage, RestoreRequest request) throws IOException {
		RestoreResult result = new Restorer(storage).restore(request.with(IntegrityCheck.NONE)).orElseThrow();
		byte[] restored = Files.readAllBytes(request.target());
		Files.delete(request.target());
		assertThat(restored).isEqualTo(this.states.get(result.txid().value()));
		return result.txid().value();
	}

	RestoreRequest request() {
		return RestoreRequest.latest(this.folder.resolve("restored-" + this.restores++ + ".db"));
	}

	/** Restore the state of the time of a TXID. */
	long restoreTimeOf(long txid) throws IOException {
		return restore(this.storage, request().to(this.times.get(txid)));
	}

	long restoreLatest() throws IOException {
		return restore(this.storage, request());
	}

	/**
	 * A clock that a test sets. It begins now, since a bucket tells its own time.
	 */
	static final class TestClock extends Clock {

		private Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

		TestClock step(Duration duration) {
			this.now = this.now.plus(duration);
			return this;
		}

		@Override
		public Instant instant() {
			return this.now;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
