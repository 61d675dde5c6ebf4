package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.LitestreamBinary;

/**
 * Replicates one big thing in JVMs with a small heap, and restores it. For use once.
 */
final class BigRun {

	private static final Duration PATIENCE = Duration.ofMinutes(20);

	private static final long POLL_NANOS = 5_000_000;

	private static final Pattern RESULT = Pattern.compile("(?m)^result (\\w+) (\\S+)$");

	private static final Pattern HOLD = Pattern.compile("writers were kept out for (\\d+) us");

	private final Path folder;

	private final Path database;

	private final Path replica;

	private final String heap;

	private final long begin = System.nanoTime();

	private final Map<String, Long> most = new TreeMap<>();

	private String ours = Table.NONE;

	private String theirs = Table.NONE;

	private int children;

	/**
	 * Prepare a run.
	 * @param folder an empty folder on the disk to measure on
	 * @param heap the limit of each JVM's heap, as {@code -Xmx} has it
	 */
	BigRun(Path folder, String heap) {
		this.folder = folder;
		this.database = folder.resolve("app.db");
		this.replica = folder.resolve("replica");
		this.heap = heap;
	}

	/**
	 * One transaction.
	 * @param megabytes how much it writes
	 * @param pageSize in bytes
	 */
	BigRun transaction(int megabytes, int pageSize) throws IOException, SQLException {
		create(pageSize);
		run("transaction", megabytes);
		return verified(true);
	}

	/**
	 * A database of mostly free pages: killed while it is first stored, killed again, and
	 * stopped.
	 * @param megabytes its size
	 * @param litestream whether Litestream restores it too, which writes all of it
	 */
	BigRun database(int megabytes, boolean litestream) throws IOException, SQLException {
		create(4096);
		SparseDatabase.extend(this.database, megabytes * (1L << 20), false);
		kill((output) -> snapshotBytes() > megabytes * 2000L, "load", 200, 3600, 1);
		int before = files("9");
		kill((output) -> output.contains("result snapshot"), "load", 200, 3600, 1);
		run("load", 200, 2, 1);
		require(before == 0 && files("9") == 1, "one snapshot, but not before the first kill");
		return verified(litestream);
	}

	/**
	 * A WAL that a reader keeps, a kill, and a start with it.
	 * @param megabytes how long the WAL is
	 */
	BigRun wal(int megabytes) throws IOException, SQLException {
		create(4096);
		kill((output) -> output.contains("result wal"), "wal", megabytes);
		run("drain", 0);
		require(files("9") == 1, "one snapshot");
		return verified(true);
	}

	/**
	 * The longest commit while a database is stored for the first time, and then
	 * checkpointed.
	 * @param megabytes the database's size
	 * @param perSecond commits in a second, 0 for as many as can be
	 * @param seconds how long after the snapshot
	 */
	BigRun commits(int megabytes, int perSecond, int seconds) throws IOException, SQLException {
		create(4096);
		SparseDatabase.extend(this.database, megabytes * (1L << 20), true);
		flush();
		run("load", perSecond, seconds, 1);
		return verified(false);
	}

	private void create(int pageSize) throws IOException, SQLException {
		Files.createDirectories(this.replica);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size=" + pageSize);
			statement.execute("CREATE TABLE big(id INTEGER PRIMARY KEY, data BLOB NOT NULL)");
			Ticks.create(connection, new Random(0));
		}
	}

	/** What was written so far is not to disturb what is measured now. */
	private void flush() {
		ChildProcess.start(List.of("sync"), Map.of(), this.folder, this.folder.resolve("sync.log")).await(PATIENCE);
	}

	private void run(String what, int... numbers) throws IOException {
		run(this.database, what, numbers);
	}

	private void run(Path database, String what, int... numbers) throws IOException {
		try (ChildProcess child = start(database, what, numbers)) {
			int code = child.await(PATIENCE);
			String output = child.output();
			require(code == 0 && output.contains("result ended " + what), "an end, but found " + code + "\n" + output);
			note(output);
		}
	}

	private void kill(Predicate<String> when, String what, int... numbers) throws IOException {
		try (ChildProcess child = start(this.database, what, numbers)) {
			while (!when.test(child.output())) {
				require(child.isAlive(), "a process to kill, but it printed " + child.output());
				LockSupport.parkNanos(POLL_NANOS);
			}
			child.kill();
			note(child.output());
		}
	}

	private ChildProcess start(Path database, String what, int... numbers) {
		List<String> arguments = new ArrayList<>(
				List.of("-Xmx" + this.heap, "-cp", System.getProperty("java.class.path"), BigChild.class.getName(),
						what, database.toString(), this.replica.toString()));
		for (int number : numbers) {
			arguments.add(Integer.toString(number));
		}
		return ChildProcess.startJava(arguments, Map.of(), this.folder,
				this.folder.resolve("child-" + ++this.children + ".log"));
	}

	private void note(String output) {
		for (Matcher matcher = RESULT.matcher(output); matcher.find();) {
			if (matcher.group(2).matches("\\d+")) {
				this.most.merge(matcher.group(1), Long.valueOf(matcher.group(2)), Math::max);
			}
		}
		for (Matcher matcher = HOLD.matcher(output); matcher.find();) {
			this.most.merge("hold", Long.valueOf(matcher.group(1)), Math::max);
		}
	}

	private BigRun verified(boolean litestream) throws IOException, SQLException {
		Path restored = this.folder.resolve("restored.db");
		run(restored, "restore");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
		}
		this.ours = compare(restored);
		Files.delete(restored);
		if (litestream) {
			LitestreamBinary.current().restore(LitestreamBinary.url(this.replica), restored).succeeded();
			this.theirs = compare(restored);
			Files.delete(restored);
		}
		return this;
	}

	private String compare(Path restored) throws IOException {
		long mismatch = BigBytes.mismatch(this.database, restored);
		require(mismatch < 0, "what was written, but byte " + mismatch + " of the restored database differs");
		return "yes";
	}

	private long snapshotBytes() {
		try {
			return stored(this.replica.resolve("ltx").resolve("9"));
		}
		catch (IOException ex) {
			// A file was renamed meanwhile
			return 0;
		}
	}

	private int files(String level) throws IOException {
		Path folder = this.replica.resolve("ltx").resolve(level);
		if (!Files.isDirectory(folder)) {
			return 0;
		}
		int count = 0;
		try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.ltx")) {
			for (Path file : files) {
				count += Files.isRegularFile(file) ? 1 : 0;
			}
		}
		return count;
	}

	private static long stored(Path folder) throws IOException {
		if (!Files.isDirectory(folder)) {
			return 0;
		}
		long bytes = 0;
		try (Stream<Path> tree = Files.walk(folder)) {
			for (Path path : tree.filter(Files::isRegularFile).toList()) {
				bytes += Files.size(path);
			}
		}
		return bytes;
	}

	private static void require(boolean condition, String expected) {
		if (!condition) {
			throw new IllegalStateException("expected " + expected);
		}
	}

	/**
	 * The largest figure of a name that any of the JVMs printed.
	 * @param name its name
	 * @return the figure, 0 when there was none
	 */
	long most(String name) {
		return this.most.getOrDefault(name, 0L);
	}

	boolean isRestored() {
		return this.ours.equals("yes");
	}

	void addTo(Table table, String what) throws IOException {
		table.row(what, Duration.ofNanos(System.nanoTime() - this.begin).toSeconds() + " s",
				most("heap") / (1 << 20) + " MB of " + this.heap, micros("longest"), micros("awake"), micros("p999"),
				micros("hold"), stored(this.replica) / (1 << 20) + " MB", this.ours, this.theirs);
	}

	static Table table() {
		return new Table("case", "took", "heap used", "longest commit", "without waits for a processor", "p99.9",
				"longest lock", "stored", "restored", "by Litestream");
	}

	private String micros(String name) {
		Long value = this.most.get(name);
		return (value != null) ? Table.time(Duration.ofNanos(value * 1000)) : Table.NONE;
	}

	void delete() throws IOException {
		List<Path> paths;
		try (Stream<Path> tree = Files.walk(this.folder)) {
			paths = tree.sorted(Comparator.reverseOrder()).toList();
		}
		for (Path path : paths) {
			Files.delete(path);
		}
	}

}
