package io.github.litestream4j.sample;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The machine is lost, and the notes are back.
 */
class RecoveryTests {

	private static final int NOTES = 100;

	@TempDir
	Path machine;

	@TempDir
	Path elsewhere;

	@Test
	void comesBackFromAFolder() throws Exception {
		losesTheMachineAndComesBack(List.of());
		assertThat(restoredBy(LitestreamBinary.current(), LitestreamBinary.url(this.machine.resolve("data/replica"))))
			.isEqualTo(NOTES + 1);
	}

	@Test
	void comesBackFromS3() throws Exception {
		S3Server server = S3Server.shared();
		String bucket = server.createBucket("sample-recovery");
		losesTheMachineAndComesBack(s3(server, bucket));
		assertThat(this.machine.resolve("data/replica")).doesNotExist();
		assertThat(restoredBy(LitestreamBinary.current().with(server), server.litestreamUrl(bucket, "app")))
			.isEqualTo(NOTES + 1);
	}

	@Test
	void showsWhatIsStored() {
		try (RunningSample sample = start("only", List.of())) {
			sample.client().add("one");
			JsonNode status = sample.client().awaitStored();
			assertThat(status.get("status").asString()).isEqualTo("running");
			assertThat(status.get("txid").asString()).matches("[0-9a-f]{16}");
			assertThat(status.get("replicatedTxid")).isEqualTo(status.get("txid"));
		}
	}

	private void losesTheMachineAndComesBack(List<String> settings) throws IOException {
		try (RunningSample sample = start("first", settings)) {
			for (int i = 1; i <= NOTES; i++) {
				assertThat(sample.client().add("note " + i).status()).isEqualTo(201);
			}
			sample.client().awaitStored();
			sample.kill();
		}
		loseTheDatabase();
		try (RunningSample sample = start("second", settings)) {
			assertThat(sample.client().count()).isEqualTo(NOTES);
			assertThat(sample.client().get("/notes?limit=1").body())
				.isEqualTo("[{\"id\":" + NOTES + ",\"text\":\"note " + NOTES + "\"}]");
			assertThat(sample.startOutput()).contains("No migration necessary").doesNotContain("Migrating schema");
			sample.client().add("after the loss");
			sample.terminate();
		}
		loseTheDatabase();
		try (RunningSample sample = start("third", settings)) {
			assertThat(sample.client().count()).isEqualTo(NOTES + 1);
		}
	}

	private RunningSample start(String name, List<String> settings) {
		return RunningSample.start(this.machine, this.elsewhere.resolve(name + ".log"), settings);
	}

	private void loseTheDatabase() throws IOException {
		Path data = this.machine.resolve("data");
		try (Stream<Path> files = Files.list(data)) {
			for (Path file : files.filter((path) -> path.getFileName().toString().contains("sample.db")).toList()) {
				delete(file);
			}
		}
		assertThat(data.resolve("sample.db")).doesNotExist();
	}

	private static void delete(Path path) throws IOException {
		Files.walkFileTree(path, new SimpleFileVisitor<>() {
			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Files.delete(file);
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
				Files.delete(folder);
				return FileVisitResult.CONTINUE;
			}
		});
	}

	private int restoredBy(LitestreamBinary litestream, String replica) throws SQLException {
		Path copy = this.elsewhere.resolve("copy.db");
		litestream.restore(replica, copy).succeeded();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
				Statement statement = connection.createStatement()) {
			return statement.executeQuery("SELECT count(*) FROM note").getInt(1);
		}
	}

	static List<String> s3(S3Server server, String bucket) {
		return List.of("--litestream.replica.url=s3://" + bucket + "/app",
				"--spring.cloud.aws.s3.endpoint=" + server.endpoint(),
				"--spring.cloud.aws.s3.path-style-access-enabled=true", "--spring.cloud.aws.region.static=us-east-1",
				"--spring.cloud.aws.credentials.access-key=" + server.accessKey(),
				"--spring.cloud.aws.credentials.secret-key=" + server.secretKey());
	}

}
