package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamBinaryTests {

	@TempDir
	Path folder;

	@Test
	void restoresFromAFolder() throws Exception {
		assertRestores(LitestreamBinary.current(), "/fixtures/litestream-v0.5/basic");
	}

	@Test
	void restoresAnOldReplica() throws Exception {
		assertRestores(LitestreamBinary.v03(), "/fixtures/litestream-v0.3/basic");
	}

	@Test
	void reportsAFailedRestore() {
		LitestreamBinary.Outcome outcome = LitestreamBinary.current()
			.restore(LitestreamBinary.url(this.folder.resolve("none")), this.folder.resolve("out.db"));
		assertThat(outcome.exitCode()).isNotZero();
		assertThat(outcome.output()).isNotBlank();
	}

	@Test
	void replicatesToAndRestoresFromTheS3Server() throws Exception {
		S3Server server = S3Server.shared();
		String url = server.litestreamUrl(server.createBucket("litestream-binary"), "app");
		LitestreamBinary litestream = LitestreamBinary.current().with(server);
		Path database = this.folder.resolve("app.db");
		Path copy = this.folder.resolve("copy.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				ChildProcess replication = litestream.replicate(database, url, this.folder.resolve("log"))) {
			execute(connection, "PRAGMA journal_mode=wal", "CREATE TABLE t(x)", "INSERT INTO t VALUES (42)");
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.pollInterval(Duration.ofMillis(300))
				.until(() -> litestream.restore(url, copy, "-if-replica-exists").exitCode() == 0 && Files.exists(copy));
			assertThat(replication.isAlive()).as(replication.output()).isTrue();
			assertThat(replication.terminate(Duration.ofSeconds(20))).as(replication.output()).isZero();
		}
		litestream.restore(url, this.folder.resolve("last.db")).succeeded();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.folder.resolve("last.db"));
				Statement statement = connection.createStatement()) {
			assertThat(statement.executeQuery("SELECT x FROM t").getInt(1)).isEqualTo(42);
		}
	}

	@Test
	void hasTheVfsOfTheSameVersion() {
		assertThat(LitestreamBinary.vfs()).isRegularFile();
	}

	private void assertRestores(LitestreamBinary litestream, String fixture) throws Exception {
		Path source = fixture(fixture);
		JsonNode expected = new JsonMapper().readTree(Files.readString(source.resolve("expected.json"))).get("latest");
		Path replica = copy(source.resolve("replica"));
		Path output = this.folder.resolve("out.db");
		litestream.restore(LitestreamBinary.url(replica), output).succeeded();
		byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(output));
		assertThat(HexFormat.of().formatHex(digest)).isEqualTo(expected.get("file_sha256").asString());
	}

	private static Path fixture(String name) throws URISyntaxException {
		return Path.of(LitestreamBinaryTests.class.getResource(name).toURI());
	}

	private Path copy(Path replica) throws IOException {
		Path target = this.folder.resolve("replica");
		Files.walkFileTree(replica, new SimpleFileVisitor<>() {
			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Path copy = target.resolve(replica.relativize(file).toString());
				Files.createDirectories(copy.getParent());
				Files.copy(file, copy);
				return FileVisitResult.CONTINUE;
			}
		});
		return target;
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
