package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that a test has started. Its output goes into a file, so that it never waits
 * for a reader, and it ends with this JVM at the latest.
 */
public final class ChildProcess implements AutoCloseable {

	private final Process process;

	private final Path log;

	private final Thread atExit;

	private ChildProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
		this.atExit = new Thread(process::destroyForcibly, "end-" + process.pid());
		Runtime.getRuntime().addShutdownHook(this.atExit);
	}

	/**
	 * Start a program. The AWS settings of this machine are not handed on: neither S3
	 * client nor server shall depend on them.
	 * @param command the program and its arguments
	 * @param environment what is added to the environment
	 * @param directory its working directory
	 * @param log the file that its output is appended to
	 * @return the process
	 */
	public static ChildProcess start(List<String> command, Map<String, String> environment, Path directory, Path log) {
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
		builder.environment().keySet().removeIf((name) -> name.startsWith("AWS_") || name.startsWith("LITESTREAM_"));
		builder.environment().putAll(environment);
		try {
			return new ChildProcess(builder.start(), log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Could not start " + command, ex);
		}
	}

	/**
	 * Start a program on the JDK that runs the tests.
	 * @param arguments everything after {@code java}
	 * @param environment what is added to the environment
	 * @param directory its working directory
	 * @param log the file that its output is appended to
	 * @return the process
	 */
	public static ChildProcess startJava(List<String> arguments, Map<String, String> environment, Path directory,
			Path log) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(arguments);
		return start(command, environment, directory, log);
	}

	/**
	 * Write a line to its standard input. Does nothing when it has ended.
	 * @param line the line
	 */
	public void send(String line) {
		try {
			OutputStream input = this.process.getOutputStream();
			input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
			input.flush();
		}
		catch (IOException ex) {
			if (this.process.isAlive()) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	public long pid() {
		return this.process.pid();
	}

	/**
	 * Everything that was printed so far, standard output and standard error.
	 * @return the text
	 */
	public String output() {
		try {
			return Files.exists(this.log) ? Files.readString(this.log) : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Wait for its end.
	 * @param timeout for how long; a process that is still running then is killed
	 * @return the exit code
	 */
	public int await(Duration timeout) {
		try {
			if (!this.process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
				kill();
				throw new AssertionError("Process did not end within " + timeout + ". It printed:\n" + output());
			}
			forget();
			return this.process.exitValue();
		}
		catch (InterruptedException ex) {
			kill();
			Thread.currentThread().interrupt();
			throw new AssertionError("Interrupted while waiting for a process", ex);
		}
	}

	/**
	 * Ask it to end ({@code SIGTERM}), and wait until it has.
	 * @param timeout for how long; then it is killed
	 * @return the exit code
	 */
	public int terminate(Duration timeout) {
		this.process.destroy();
		return await(timeout);
	}

	/** End it at once ({@code SIGKILL}), and wait until it is gone. */
	public void kill() {
		this.process.destroyForcibly();
		this.process.onExit().join();
		forget();
	}

	/** Killed, if it still runs. */
	@Override
	public void close() {
		kill();
	}

	private void forget() {
		try {
			Runtime.getRuntime().removeShutdownHook(this.atExit);
		}
		catch (IllegalStateException ex) {
			// The JVM is ending: the hook runs now, and ends nothing that has ended.
		}
	}

}
