package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.slf4j.LoggerFactory;

/**
 * A JVM with a small heap that replicates, or restores, something big, and prints what
 * came of it: one line {@code result <name> <value>} for each figure.
 */
final class BigChild {

	private static final Duration STORED = Duration.ofMinutes(10);

	private static final int MEGABYTE = 1 << 20;

	private static final long POLL_NANOS = 10_000_000;

	private final Path database;

	private final Path replica;

	private BigChild(Path database, Path replica) {
		this.database = database;
		this.replica = replica;
	}

	public static void main(String[] args) throws Exception {
		for (String name : new String[] { "database", "replication", "restore" }) {
			((Logger) LoggerFactory.getLogger("io.github.litestream4j." + name)).setLevel(Level.DEBUG);
		}
		HeapWatch heap = new HeapWatch();
		BigChild child = new BigChild(Path.of(args[1]), Path.of(args[2]));
		int number = (args.length > 3) ? Integer.parseInt(args[3]) : 0;
		switch (args[0]) {
			case "transaction" -> child.transaction(number);
			case "wal" -> child.growWal(number);
			case "drain" -> child.drain();
			case "load" -> child.load(number, Integer.parseInt(args[4]), Integer.parseInt(args[5]));
			case "restore" -> child.restore();
			default -> throw new IllegalArgumentException("unknown: " + args[0]);
		}
		result("heap", heap.most());
		result("ended", args[0]);
	}

	private static void result(String name, Object value) {
		System.out.println("result " + name + " " + value);
	}

	private OurSide open() {
		long start = System.nanoTime();
		OurSide side = OurSide.open(this.database, Place.folder(this.replica), Duration.ofSeconds(1));
		result("opened", (System.nanoTime() - start) / 1_000_000);
		return side;
	}

	private void transaction(int megabytes) throws SQLException {
		try (OurSide side = open()) {
			awaitStored(side);
			try (Connection connection = side.connect()) {
				write(connection, megabytes, 0);
				result("committed", megabytes);
				awaitStored(side);
			}
		}
	}

	private static void awaitStored(OurSide side) {
		side.replicator().sync(STORED);
	}

	/** One transaction of so many megabytes, each a row. */
	private static void write(Connection connection, int megabytes, int round) throws SQLException {
		connection.setAutoCommit(false);
		Random random = new Random(round);
		byte[] bytes = new byte[MEGABYTE];
		try (PreparedStatement put = connection.prepareStatement("REPLACE INTO big(id, data) VALUES (?, ?)")) {
			for (int i = 0; i < megabytes; i++) {
				BigBytes.fill(random, bytes);
				put.setInt(1, i);
				put.setBytes(2, bytes);
				put.executeUpdate();
			}
		}
		connection.commit();
		connection.setAutoCommit(true);
	}

	/** A reader keeps the WAL from being restarted; ends by being killed. */
	private void growWal(int megabytes) throws SQLException, IOException {
		OurSide side = open();
		try (Connection reader = side.connect(); Connection connection = side.connect()) {
			write(connection, 16, 0);
			reader.setAutoCommit(false);
			try (Statement statement = reader.createStatement()) {
				statement.executeQuery("SELECT count(*) FROM big").close();
			}
			Path wal = this.database.resolveSibling(this.database.getFileName() + "-wal");
			for (int round = 1; Files.size(wal) < megabytes * (long) MEGABYTE; round++) {
				write(connection, 16, round);
			}
			result("wal", Files.size(wal));
			LockSupport.parkNanos(Duration.ofMinutes(10).toNanos());
			throw new IllegalStateException("nobody has killed this process");
		}
	}

	/** Go on with a long WAL until it was restarted. */
	private void drain() throws SQLException {
		try (OurSide side = open(); Connection connection = side.connect()) {
			write(connection, 16, 1_000_000);
			for (int round = 0; side.replicator().status().walBytes() > 64 * MEGABYTE; round++) {
				LockSupport.parkNanos(100 * POLL_NANOS);
				write(connection, 1, round);
			}
			write(connection, 16, 1_000_001);
			awaitStored(side);
		}
	}

	/**
	 * Commits, until a snapshot is stored and some seconds after it.
	 * @param perSecond 0 for as many as can be
	 * @param seconds how long after the snapshot
	 * @param snapshots how many snapshots there must be
	 */
	private void load(int perSecond, int seconds, int snapshots) throws SQLException, IOException {
		try (OurSide side = open();
				Connection connection = side.connect();
				Ticks ticks = Ticks.on(connection, new Random(1))) {
			CommitTimes times = new CommitTimes();
			long begin = System.nanoTime();
			long end = Long.MAX_VALUE;
			for (long i = 1; System.nanoTime() - begin < end; i++) {
				times.commit(ticks);
				if (perSecond > 0) {
					LockSupport.parkNanos(begin + i * 1_000_000_000L / perSecond - System.nanoTime());
				}
				if (end == Long.MAX_VALUE && times.isSecondOver() && snapshots() >= snapshots) {
					end = System.nanoTime() - begin + Duration.ofSeconds(seconds).toNanos();
					result("snapshot", (System.nanoTime() - begin) / 1_000_000);
				}
			}
			times.print();
			result("checkpointed", side.replicator().status().walBytes());
			awaitStored(side);
		}
	}

	private int snapshots() throws IOException {
		Path folder = this.replica.resolve("ltx").resolve("9");
		if (!Files.isDirectory(folder)) {
			return 0;
		}
		int count = 0;
		try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.ltx")) {
			for (Path file : files) {
				count += Files.exists(file) ? 1 : 0;
			}
		}
		return count;
	}

	private void restore() {
		RestoreResult restored = new Restorer(new FileReplicaStorage(this.replica))
			.restore(RestoreRequest.latest(this.database))
			.orElseThrow();
		result("restored", restored.took().toMillis());
	}

}
