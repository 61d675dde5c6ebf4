package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.S3Server;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Our engine beside the real Litestream: the same transactions, one machine, one store,
 * one run. It starts an S3 server, takes some minutes, prints a table, and ends by
 * itself. After {@code ./mvnw -B verify}, from the project's folder: <pre>
 * java -cp 'benchmarks/target/side-by-side/*' io.github.litestream4j.benchmarks.SideBySide
 * </pre> {@link Settings} has what can be set.
 */
public final class SideBySide {

	private SideBySide() {
	}

	/**
	 * Measure, and print the table.
	 * @param args none
	 * @throws Exception when anything fails: then there is no table
	 */
	public static void main(String[] args) throws Exception {
		Settings settings = Settings.fromSystemProperties();
		Properties programs = Settings.programs();
		programs.stringPropertyNames().forEach((name) -> System.setProperty(name, programs.getProperty(name)));
		Path folder = (settings.folder() != null) ? Files.createTempDirectory(settings.folder(), "side-by-side-")
				: Files.createTempDirectory("side-by-side-");
		try (S3Server server = S3Server.in(folder.resolve("s3")).start(); S3Client client = server.client()) {
			server.createBucket("bench");
			Scenarios scenarios = new Scenarios(settings, folder, (name) -> Place.s3(server, client, "bench", name),
					(name) -> Place.folder(folder.resolve(name)));
			Table table = scenarios.measure("Litestream " + programs.getProperty("litestream.version"));
			System.out.println(Machine.describe(folder, programs));
			System.out.println();
			System.out.println(table);
			System.out.println();
			scenarios.remarks().forEach(System.out::println);
		}
		catch (Exception ex) {
			System.err.println("Failed. Databases, replicas and logs are left in " + folder);
			throw ex;
		}
		delete(folder);
	}

	static void delete(Path folder) throws IOException {
		List<Path> paths;
		try (Stream<Path> tree = Files.walk(folder)) {
			paths = tree.sorted(Comparator.reverseOrder()).toList();
		}
		for (Path path : paths) {
			Files.delete(path);
		}
	}

}
