package io.github.litestream4j.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * One database, its replica, and what is known of both.
 */
final class TorturedDatabase {

	private static final int[] PAGE_SIZES = { 512, 1024, 2048, 4096, 4096, 4096, 8192, 16384, 65536 };

	private final Path folder;

	private final ReplicaPlace place;

	private final String shape;

	private final Truth truth = new Truth();

	/** Whether a snapshot may come that nothing of this round asks for. */
	private boolean snapshotOwed = true;

	/** Whether a file of ours was taken from the replica and nothing was stored since. */
	private boolean robbed;

	private long snapshots;

	private TorturedDatabase(Path folder, ReplicaPlace place, String shape) {
		this.folder = folder;
		this.place = place;
		this.shape = shape;
	}

	static TorturedDatabase create(Path folder, ReplicaPlace place, Random random) {
		int pageSize = PAGE_SIZES[random.nextInt(PAGE_SIZES.length)];
		int autoVacuum = random.nextInt(3);
		TorturedDatabase database = new TorturedDatabase(folder, place,
				"pages of %d bytes, auto_vacuum=%d, %s".formatted(pageSize, autoVacuum, place.application()));
		try {
			Files.createDirectories(folder);
			try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database.file());
					Statement statement = connection.createStatement()) {
				statement.execute("PRAGMA page_size=" + pageSize);
				statement.execute("PRAGMA auto_vacuum=" + autoVacuum);
				statement.execute("PRAGMA journal_mode=WAL");
				statement.execute("CREATE TABLE ledger (seq INTEGER PRIMARY KEY, state INTEGER, chain INTEGER)");
				for (int i = 0; i < 2; i++) {
					statement
						.execute("CREATE TABLE c_" + i + " (id INTEGER PRIMARY KEY, h INTEGER NOT NULL, data BLOB)");
				}
				statement.execute("CREATE INDEX i_c_0 ON c_0 (h, id)");
				connection.setAutoCommit(false);
				database.fill(connection, random);
				connection.commit();
			}
		}
		catch (IOException | SQLException ex) {
			throw new IllegalStateException("cannot make " + folder, ex);
		}
		return database;
	}

	/** What was there before anybody thought of replication. */
	private void fill(Connection connection, Random random) throws SQLException {
		long state = 0;
		try (PreparedStatement insert = connection.prepareStatement("INSERT INTO c_1 (id, h, data) VALUES (?, ?, ?)")) {
			for (int id = 50 + random.nextInt(200); id > 0; id--) {
				byte[] data = new byte[random.nextInt(20_000)];
				random.nextBytes(data);
				long hash = RowHash.of("c_1", id, data);
				insert.setInt(1, id);
				insert.setLong(2, hash);
				insert.setBytes(3, data);
				insert.executeUpdate();
				state += hash;
			}
		}
		Entry entry = Entry.NONE.next(state);
		try (Statement statement = connection.createStatement()) {
			statement.execute("INSERT INTO ledger VALUES (" + entry.toString().replace(' ', ',') + ")");
		}
		this.truth.committed(entry);
	}

	Path folder() {
		return this.folder;
	}

	Path file() {
		return this.folder.resolve("app.db");
	}

	Path staging() {
		return ReplicatorSettings.defaultStagingDirectory(file());
	}

	ReplicaPlace place() {
		return this.place;
	}

	/** The names of all files that are stored. */
	Set<LtxKey> keys() {
		return Reachable.of(this.place.storage()).files().stream().map(StoredFile::key).collect(Collectors.toSet());
	}

	Truth truth() {
		return this.truth;
	}

	boolean snapshotOwed() {
		return this.snapshotOwed;
	}

	void snapshotOwed(boolean owed) {
		this.snapshotOwed = owed;
	}

	boolean robbed() {
		return this.robbed;
	}

	void robbed(boolean robbed) {
		this.robbed = robbed;
	}

	long snapshots() {
		return this.snapshots;
	}

	/**
	 * Note how many snapshots there are.
	 * @return how many came
	 */
	long snapshots(long count) {
		long more = Math.max(0, count - this.snapshots);
		this.snapshots = count;
		return more;
	}

	Path log() {
		return this.folder.resolve("application.log");
	}

	Path journal() {
		return this.folder.resolve("journal");
	}

	/**
	 * Keep what the next life may destroy, for whoever wants to know what went wrong in
	 * it.
	 */
	void keepEvidence() {
		Path before = this.folder.resolve("before");
		delete(before);
		try {
			Files.createDirectory(before);
			for (Path path : new Path[] { log(), journal() }) {
				if (Files.exists(path)) {
					Files.move(path, before.resolve(path.getFileName()));
				}
			}
			copy(staging(), before.resolve("staging"));
			List<String> names = Reachable.of(this.place.storage())
				.files()
				.stream()
				.map((file) -> file.key() + " " + file.size())
				.toList();
			Files.write(before.resolve("replica-files"), names);
		}
		catch (IOException ex) {
			throw new IllegalStateException("cannot keep what was in " + this.folder, ex);
		}
	}

	private static void copy(Path from, Path to) throws IOException {
		if (!Files.exists(from)) {
			return;
		}
		try (Stream<Path> paths = Files.walk(from)) {
			for (Path path : paths.toList()) {
				Files.copy(path, to.resolve(from.relativize(path).toString()));
			}
		}
	}

	void loseStaging() {
		delete(staging());
	}

	/** Of the files that are stored no copy is here any more. */
	void loseKeptFiles() {
		delete(staging().resolve("stored"));
	}

	void loseFile() {
		for (String suffix : new String[] { "", "-wal", "-shm" }) {
			delete(file().resolveSibling(file().getFileName() + suffix));
		}
	}

	static void delete(Path path) {
		if (!Files.exists(path)) {
			return;
		}
		try (Stream<Path> paths = Files.walk(path)) {
			for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(one);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("cannot delete " + path, ex);
		}
	}

	@Override
	public String toString() {
		return this.folder + " (" + this.shape + ")";
	}

}
