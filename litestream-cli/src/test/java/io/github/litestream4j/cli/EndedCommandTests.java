package io.github.litestream4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.LoopbackServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A command that is ended in its midst, while a store does not answer.
 */
@Timeout(120)
class EndedCommandTests {

	/** How a process ends that was told to by {@code SIGTERM}, whatever it answers. */
	private static final int TERMINATED = 143;

	private static final String FILE = "0009/0000000000000001-0000000000000001.ltx";

	private final CountDownLatch reached = new CountDownLatch(1);

	private final CountDownLatch end = new CountDownLatch(1);

	@TempDir
	private Path folder;

	private Path data;

	private LoopbackServer server;

	private volatile String silent = "";

	@BeforeEach
	void serve() throws IOException {
		this.data = Files.createDirectory(this.folder.resolve("data"));
		this.server = new LoopbackServer(this::answer);
	}

	@AfterEach
	void stopServing() {
		this.end.countDown();
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { FILE, "/meta/checksums/" })
	void aRestoreLeavesNothing(String silent) throws Exception {
		this.silent = silent;
		Path target = this.data.resolve("app.db");
		String output = endInItsMidst("restore", "-o", target.toString());
		assertThat(output).contains("Interrupted: restore did not come to its end").doesNotContain("Exception");
		assertThat(this.data).isEmptyDirectory();
	}

	@Test
	void aVerificationLeavesNothing() throws Exception {
		this.silent = FILE;
		String output = endInItsMidst("verify", "--folder", this.data.toString());
		assertThat(output).contains("Interrupted: verify did not come to its end")
			.doesNotContain("sound")
			.doesNotContain("Exception");
		assertThat(this.data).isEmptyDirectory();
	}

	private String endInItsMidst(String command, String... more) throws Exception {
		List<String> arguments = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-cp",
				System.getProperty("java.class.path"), LitestreamCli.class.getName(), command, "s3://bucket/app",
				"--path-style", "--endpoint", this.server.endpoint().toString()));
		arguments.addAll(List.of(more));
		Map<String, String> environment = Map.of("AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY", "secret",
				"AWS_REGION", "us-east-1");
		try (ChildProcess process = ChildProcess.startJava(arguments, environment, this.folder,
				this.folder.resolve("log"))) {
			assertThat(this.reached.await(60, TimeUnit.SECONDS)).as(process.output()).isTrue();
			assertThat(this.data).isNotEmptyDirectory();
			assertThat(process.terminate(Duration.ofSeconds(30))).isEqualTo(TERMINATED);
			return process.output();
		}
	}

	private void answer(HttpExchange exchange) throws IOException, InterruptedException {
		String query = String.valueOf(exchange.getRequestURI().getQuery());
		boolean listing = query.contains("list-type=2");
		if (listing && query.contains("prefix=app/0009/")) {
			list(exchange, "<Contents><Key>app/" + FILE
					+ "</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>5000</Size></Contents>");
		}
		else if (listing) {
			list(exchange, "");
		}
		else if (exchange.getRequestMethod().equals("HEAD")) {
			exchange.sendResponseHeaders(200, -1);
		}
		else if (exchange.getRequestURI().getPath().contains(this.silent)) {
			this.reached.countDown();
			this.end.await();
		}
		else {
			send(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
		}
	}

	private static void list(HttpExchange exchange, String contents) throws IOException {
		send(exchange, 200, "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated>" + contents
				+ "</ListBucketResult>");
	}

	private static void send(HttpExchange exchange, int status, String text) throws IOException {
		byte[] body = text.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().add("Content-Type", "application/xml");
		exchange.sendResponseHeaders(status, body.length);
		exchange.getResponseBody().write(body);
	}

}
