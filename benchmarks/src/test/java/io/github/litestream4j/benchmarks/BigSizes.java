package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Properties;

/**
 * What is big, in a small heap: one transaction, a database, a WAL; and the longest
 * commit while a database is stored for the first time and checkpointed. Prints a table.
 * After {@code ./mvnw -B verify}, from the project's folder: <pre>
 * java -cp 'benchmarks/target/side-by-side/*' io.github.litestream4j.benchmarks.BigSizes
 * </pre> Arguments choose cases, each with its megabytes:
 * {@code transaction=2048 small-pages=1024 database=20480 wal=4300 commits=5120 full-speed=1024}.
 * System properties: {@code benchmark.heap} (256m), {@code benchmark.folder} (an existing
 * folder on the disk to measure on), {@code benchmark.litestream} ({@code false}: whether
 * Litestream restores the large database too, which takes its size on the disk).
 */
public final class BigSizes {

	private BigSizes() {
	}

	/**
	 * Run the cases, and print the table.
	 * @param args the cases, all when there are none
	 * @throws Exception when anything fails: its files are left
	 */
	public static void main(String[] args) throws Exception {
		String[] cases = (args.length > 0) ? args : new String[] { "transaction=2048", "small-pages=1024",
				"database=20480", "wal=4300", "commits=5120", "full-speed=1024" };
		Properties programs = Settings.programs();
		programs.stringPropertyNames().forEach((name) -> System.setProperty(name, programs.getProperty(name)));
		Path folder = Path.of(System.getProperty("benchmark.folder", System.getProperty("java.io.tmpdir")))
			.toAbsolutePath();
		Table table = BigRun.table();
		for (String one : cases) {
			String name = one.split("=")[0];
			int megabytes = Integer.parseInt(one.split("=")[1]);
			Path place = Files.createTempDirectory(folder, "big-sizes-");
			BigRun run = new BigRun(place, System.getProperty("benchmark.heap", "256m"));
			try {
				run(run, name, megabytes);
				run.addTo(table, name + " of " + megabytes + " MB");
			}
			catch (Exception ex) {
				System.err.println(name + " failed. Databases, replicas and logs are left in " + place);
				throw ex;
			}
			if (!Boolean.getBoolean("benchmark.keep")) {
				run.delete();
			}
		}
		System.out.println(Machine.describe(folder, programs));
		System.out.println();
		System.out.println(table);
	}

	private static void run(BigRun run, String name, int megabytes) throws IOException, SQLException {
		switch (name) {
			case "transaction" -> run.transaction(megabytes, 4096);
			case "small-pages" -> run.transaction(megabytes, 512);
			case "database" -> run.database(megabytes, Boolean.getBoolean("benchmark.litestream"));
			case "wal" -> run.wal(megabytes);
			case "commits" -> run.commits(megabytes, 500, Integer.getInteger("benchmark.seconds", 60));
			case "full-speed" -> run.commits(megabytes, 0, Integer.getInteger("benchmark.seconds", 30));
			default -> throw new IllegalArgumentException("there is no case " + name);
		}
	}

}
