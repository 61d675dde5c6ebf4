package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalHeader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The frames of a WAL that SQLite wrote, 2000 small transactions, read and checked. The
 * score is in files; the length of one is printed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WalBenchmark {

	private Path folder = Path.of("");

	private Path wal = Path.of("");

	private long length;

	@Setup(Level.Trial)
	public void prepare() throws IOException, SQLException {
		this.folder = Files.createTempDirectory("wal-benchmark");
		this.wal = this.folder.resolve("copy-wal");
		Path database = this.folder.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			fill(connection);
			// Closing the connection deletes the original.
			Files.copy(this.folder.resolve("app.db-wal"), this.wal);
		}
		this.length = Files.size(this.wal);
		System.out.printf("# a WAL of %,d bytes%n", this.length);
	}

	private static void fill(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode = WAL");
			statement.execute("PRAGMA wal_autocheckpoint = 0");
			statement.execute("PRAGMA synchronous = OFF");
			statement.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)");
		}
		try (PreparedStatement insert = connection.prepareStatement("INSERT INTO note (text) VALUES (?)")) {
			for (int i = 0; i < 2000; i++) {
				insert.setString(1, "note " + i + " of the day");
				insert.executeUpdate();
			}
		}
	}

	@TearDown(Level.Trial)
	public void clean() throws IOException {
		Files.delete(this.wal);
		Files.delete(this.folder.resolve("app.db"));
		Files.delete(this.folder);
	}

	@Benchmark
	public WalBatch read() throws IOException {
		try (WalFile file = new WalFile(this.wal)) {
			WalHeader header = file.header();
			return file.read(header, header.start(), this.length, Integer.MAX_VALUE, null);
		}
	}

}
