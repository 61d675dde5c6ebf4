package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The real Litestream, as a user would call it.
 */
public final class LitestreamBinary {

	private static final Duration TIMEOUT = Duration.ofMinutes(2);

	private final Path program;

	private final Map<String, String> environment;

	private LitestreamBinary(Path program, Map<String, String> environment) {
		this.program = program;
		this.environment = environment;
	}

	/**
	 * The version whose replicas are ours too.
	 * @return Litestream 0.5
	 */
	public static LitestreamBinary current() {
		return new LitestreamBinary(TestPrograms.findLitestream("litestream.bin"), Map.of());
	}

	/**
	 * The version whose replicas can only be read.
	 * @return Litestream 0.3
	 */
	public static LitestreamBinary v03() {
		return new LitestreamBinary(TestPrograms.findLitestream("litestream.bin.v03"), Map.of());
	}

	/**
	 * The read-replica VFS, to be loaded into SQLite as an extension.
	 * @return the shared library
	 */
	public static Path vfs() {
		return TestPrograms.findLitestream("litestream.vfs");
	}

	/**
	 * The URL of a replica in a folder.
	 * @param folder the folder
	 * @return the URL
	 */
	public static String url(Path folder) {
		return "file://" + folder.toAbsolutePath();
	}

	/**
	 * The same with credentials for this server.
	 * @param server the server
	 * @return the program
	 */
	public LitestreamBinary with(S3Server server) {
		return new LitestreamBinary(this.program, server.litestreamEnvironment());
	}

	/**
	 * {@code litestream restore [options] -o output url}.
	 * @param replica the replica's URL, see {@link #url} and
	 * {@link S3Server#litestreamUrl}
	 * @param output the database file to make
	 * @param options such as {@code -txid}, and its value
	 * @return how it went
	 */
	public Outcome restore(String replica, Path output, String... options) {
		List<String> arguments = new ArrayList<>(List.of("restore", "-o", output.toString()));
		arguments.addAll(Arrays.asList(options));
		arguments.add(replica);
		return run(arguments);
	}

	/**
	 * {@code litestream restore -f -o output url}, to be ended by the caller.
	 * @param replica the replica's URL
	 * @param output the database file to make and to keep up with the replica
	 * @param log the file that it prints into
	 * @return the running process
	 */
	public ChildProcess follow(String replica, Path output, Path log) {
		return start(List.of("restore", "-f", "-follow-interval", "100ms", "-o", output.toString(), replica), log);
	}

	/**
	 * Run it to its end.
	 * @param arguments the command and what belongs to it
	 * @return how it went
	 */
	public Outcome run(List<String> arguments) {
		Path log = newLog();
		try (ChildProcess process = start(arguments, log)) {
			int exitCode = process.await(TIMEOUT);
			return new Outcome(exitCode, process.output());
		}
		finally {
			delete(log);
		}
	}

	/**
	 * {@code litestream replicate database url}, to be ended by the caller.
	 * @param database the database file
	 * @param replica the replica's URL
	 * @param log the file that it prints into
	 * @return the running process
	 */
	public ChildProcess replicate(Path database, String replica, Path log) {
		return start(List.of("replicate", database.toString(), replica), log);
	}

	/**
	 * {@code litestream replicate -config file}, to be ended by the caller.
	 * @param config the configuration file
	 * @param log the file that it prints into
	 * @return the running process
	 */
	public ChildProcess replicate(Path config, Path log) {
		return start(List.of("replicate", "-config", config.toString()), log);
	}

	private ChildProcess start(List<String> arguments, Path log) {
		List<String> command = new ArrayList<>(List.of(this.program.toString()));
		command.addAll(arguments);
		return ChildProcess.start(command, this.environment, log.toAbsolutePath().getParent(), log);
	}

	private static Path newLog() {
		try {
			return Files.createTempFile("litestream-", ".log");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void delete(Path file) {
		try {
			Files.delete(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * How a call went.
	 *
	 * @param exitCode 0 when it did what was asked
	 * @param output what it printed
	 */
	public record Outcome(int exitCode, String output) {

		/**
		 * Fail the test unless it did what was asked.
		 * @return this
		 */
		public Outcome succeeded() {
			if (this.exitCode != 0) {
				throw new AssertionError("litestream ended with " + this.exitCode + ":\n" + this.output);
			}
			return this;
		}

	}

}
