package io.github.litestream4j.matrix;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A restart by DevTools: the context is closed and a new one is started in the same JVM,
 * from a class loader of its own.
 */
class DevToolsTests extends AbstractMatrixTests {

	@Test
	@DisplayName("DevTools: restart")
	void restart() throws Exception {
		Path classes = Files.createDirectories(this.folder.resolve("classes"));
		int port = freePort();
		Process process = launch(classes, port);
		try {
			Web web = new Web(port);
			String started = awaitStart(process, web, "");
			assertThat(web.get("/loader").body()).isEqualTo("RestartClassLoader");
			assertThat(web.post("/items?text=a").status()).isEqualTo(200);
			for (String text : List.of("b", "c")) {
				Files.writeString(classes.resolve("compiled.txt"), text);
				started = awaitStart(process, web, started);
				assertThat(web.post("/items?text=" + text).status()).isEqualTo(200);
				Application.assertOperates(web, "dataSource");
			}
			process.destroy();
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		this.machine.lose();
		try (Application application = start()) {
			application.items().assertRead("a", "b", "c");
		}
	}

	private String awaitStart(Process process, Web web, String before) {
		return patiently().failFast(() -> assertThat(process.isAlive()).as(this::output).isTrue())
			.until(() -> web.get("/started").body(), (started) -> !started.equals(before) && started.matches("\\d+"));
	}

	private String output() {
		try {
			return Files.readString(this.folder.resolve("output.log"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ConditionFactory patiently() {
		return Awaitility.await()
			.atMost(Duration.ofMinutes(1))
			.pollInterval(Duration.ofMillis(100))
			.ignoreExceptionsMatching((ex) -> ex instanceof UncheckedIOException);
	}

	/** The same one after a restart, so that it can be found again. */
	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private Process launch(Path classes, int port) throws IOException {
		String classPath = String.join(File.pathSeparator, classes.toString(), System.getProperty("matrix.devtools"),
				System.getProperty("java.class.path"));
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-cp", classPath, RestartingApplication.class.getName()));
		command.addAll(List.of(Application.arguments(this.machine,
				List.of(oneDatabase("server.port=" + port, "spring.main.register-shutdown-hook=true",
						"spring.devtools.restart.poll-interval=200ms", "spring.devtools.restart.quiet-period=100ms",
						"spring.devtools.livereload.enabled=false")))));
		return new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.folder.resolve("output.log").toFile())
			.start();
	}

}
