package io.github.litestream4j.sample;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.litestream4j.testsupport.ChildProcess;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample application in a JVM of its own, so that it can be killed.
 */
final class RunningSample implements AutoCloseable {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private final ChildProcess process;

	private final String startOutput;

	private final NotesClient client;

	private RunningSample(ChildProcess process, String startOutput, int port) {
		this.process = process;
		this.startOutput = startOutput;
		this.client = new NotesClient(port);
	}

	/**
	 * Start it with its defaults, and wait until it is ready.
	 * @param directory the working directory, which its data folder is made in
	 * @param log the file that it prints into; a new one for each start
	 * @param settings what differs from the defaults, as {@code --name=value}
	 * @return the application
	 */
	static RunningSample start(Path directory, Path log, List<String> settings) {
		return start(directory, log, List.of(), List.of(), settings);
	}

	/**
	 * Start it otherwise, and wait until it is ready.
	 * @param directory the working directory, which its data folder is made in
	 * @param log the file that it prints into; a new one for each start
	 * @param options more options of the JVM
	 * @param classes folders that come first in the class path
	 * @param settings what differs from the defaults, as {@code --name=value}
	 * @return the application
	 */
	static RunningSample start(Path directory, Path log, List<String> options, List<Path> classes,
			List<String> settings) {
		List<String> arguments = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
		arguments.addAll(options);
		List<String> classPath = new ArrayList<>(classes.stream().map(Path::toString).toList());
		classPath.add(System.getProperty("java.class.path"));
		arguments.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), SampleApplication.class.getName(),
				"--server.port=0"));
		arguments.addAll(settings);
		ChildProcess process = ChildProcess.startJava(arguments, Map.of(), directory, log);
		try {
			Awaitility.await("start of the sample")
				.atMost(Duration.ofMinutes(2))
				.pollInterval(Duration.ofMillis(100))
				.failFast(() -> assertThat(process.isAlive()).as(process::output).isTrue())
				.until(() -> process.output().contains("Started SampleApplication"));
		}
		catch (RuntimeException | Error ex) {
			process.kill();
			throw ex;
		}
		String output = process.output();
		Matcher port = PORT.matcher(output);
		assertThat(port.find()).as(output).isTrue();
		return new RunningSample(process, output, Integer.parseInt(port.group(1)));
	}

	NotesClient client() {
		return this.client;
	}

	String startOutput() {
		return this.startOutput;
	}

	/** End it as a lost machine does. */
	void kill() {
		this.process.kill();
	}

	/**
	 * End it as a deployment does.
	 * @return what it printed from its start to its end
	 */
	String terminate() {
		this.process.terminate(Duration.ofMinutes(1));
		return this.process.output();
	}

	@Override
	public void close() {
		this.process.close();
	}

}
