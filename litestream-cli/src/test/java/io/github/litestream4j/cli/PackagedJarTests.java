package io.github.litestream4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.s3.S3ReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The jar as it is handed out, in a process of its own, with a replica in a bucket.
 */
@Tag("packaged")
class PackagedJarTests {

	private static final String URL = "s3://packaged-jar/some/app";

	@TempDir
	static Path folder;

	private static S3Server server;

	private static List<Txid> txids;

	@BeforeAll
	static void fill() throws Exception {
		server = S3Server.shared();
		server.createBucket("packaged-jar");
		try (S3Client client = server.client()) {
			txids = SampleReplica.fill(new S3ReplicaStorage(client, "packaged-jar", "some/app"),
					folder.resolve("app.db"), 20);
		}
	}

	@Test
	void restoresWithAProgressBarAndRefusesToDoItTwice() throws Exception {
		Path target = folder.resolve("restored.db");
		Result first = run("restore", URL, "-o", target.toString(), "--progress");
		assertThat(first.exit()).as(first.text()).isZero();
		assertThat(first.text()).contains("[==============================] 100%").contains("Restored " + target);
		assertThat(first.text()).doesNotContain("WARN").doesNotContain("SLF4J").doesNotContain("Exception");
		assertThat(Ledger.verify(target)).isEqualTo(20);
		byte[] restored = Files.readAllBytes(target);
		Result second = run("restore", URL, "-o", target.toString());
		assertThat(second.exit()).isOne();
		assertThat(second.text()).contains("does not replace").doesNotContain("Exception");
		assertThat(target).hasBinaryContent(restored);
	}

	@Test
	void saysWhatItWouldRestoreAsJson() {
		Result result = run("restore", URL, "--dry-run", "--json", "--txid", txids.get(9).toString());
		assertThat(result.exit()).as(result.text()).isZero();
		JsonNode json = JsonMapper.shared().readTree(result.text());
		assertThat(json.get("txid").asString()).isEqualTo(txids.get(9).toString());
		assertThat(json.get("files").size()).isPositive();
		assertThat(json.get("replica").asString()).isEqualTo(URL);
	}

	@Test
	void provesTheReplica() {
		Result result = run("verify", URL);
		assertThat(result.exit()).as(result.text()).isZero();
		assertThat(result.text()).contains("is sound").contains(txids.get(19).toString());
	}

	@Test
	void saysThatABucketIsNotThere() {
		Result result = run("ltx", "s3://no-such-bucket-here/app");
		assertThat(result.exit()).isOne();
		assertThat(result.text()).contains("no-such-bucket-here").doesNotContain("\tat ");
	}

	@Test
	void saysThatThereAreNoCredentials() {
		Result result = run(Map.of("AWS_REGION", "us-east-1", "AWS_EC2_METADATA_DISABLED", "true", "HOME",
				folder.toString(), "AWS_SHARED_CREDENTIALS_FILE", folder.resolve("none").toString(), "AWS_CONFIG_FILE",
				folder.resolve("none").toString()), "restore", URL, "-o", folder.resolve("not.db").toString());
		assertThat(result.exit()).isOne();
		assertThat(result.text()).contains("There are no credentials for " + URL).contains("AWS_ACCESS_KEY_ID");
		assertThat(result.text().lines()).hasSize(1);
	}

	@Test
	void isOneJarWithoutSpring() throws Exception {
		try (JarFile jar = new JarFile(jar().toFile())) {
			assertThat(jar.stream().map(JarEntry::getName))
				.noneMatch((name) -> name.startsWith("org/springframework") || name.startsWith("io/netty"))
				.noneMatch((name) -> name.endsWith(".SF"))
				.contains("META-INF/services/java.sql.Driver");
			assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
				.isEqualTo(LitestreamCli.class.getName());
		}
		assertThat(run("--version").text()).matches("litestream-cli \\d.*\\s*");
	}

	private static Path jar() {
		String jar = System.getProperty("litestream.cli.jar");
		assertThat(jar).as("set by the build, which runs this after the jar is made").isNotNull();
		return Path.of(jar);
	}

	private static Result run(String... arguments) {
		return run(Map.of("AWS_ACCESS_KEY_ID", server.accessKey(), "AWS_SECRET_ACCESS_KEY", server.secretKey(),
				"AWS_REGION", "us-east-1"), arguments);
	}

	private static Result run(Map<String, String> environment, String... arguments) {
		List<String> command = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-jar", jar().toString()));
		command.addAll(List.of(arguments));
		if (List.of(arguments).contains(URL) || arguments[0].equals("ltx")) {
			command.addAll(List.of("--endpoint", server.endpoint().toString(), "--path-style"));
		}
		try {
			Path log = Files.createTempFile(folder, "cli-", ".log");
			try (ChildProcess process = ChildProcess.startJava(command, environment, folder, log)) {
				int exit = process.await(Duration.ofMinutes(2));
				return new Result(exit, process.output());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What a process did.
	 */
	private record Result(int exit, String text) {

	}

}
