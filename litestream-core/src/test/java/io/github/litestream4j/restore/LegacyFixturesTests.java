package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What Litestream 0.3 wrote, restored byte for byte as Litestream restores it.
 */
class LegacyFixturesTests {

	@TempDir
	private Path folder;

	static Stream<Arguments> states() {
		List<Arguments> states = new ArrayList<>();
		for (LitestreamFixture fixture : LitestreamFixture.allLegacy()) {
			JsonNode expected = fixture.expected();
			states.add(Arguments.of(fixture, null, expected.get("latest")));
			for (JsonNode state : expected.get("by_timestamp")) {
				states.add(Arguments.of(fixture, Instant.parse(state.get("timestamp").asString()), state));
			}
		}
		return states.stream();
	}

	@ParameterizedTest(name = "{0} time {1}")
	@MethodSource("states")
	void restoresTheSameBytes(LitestreamFixture fixture, Instant time, JsonNode expected) throws Exception {
		Path target = this.folder.resolve("app.db");
		Restorer restorer = new Restorer(new FileReplicaStorage(fixture.copyTo(this.folder)));
		RestoreRequest request = new RestoreRequest(target, null, time, IntegrityCheck.FULL, 3);
		RestoreResult result = restorer.restore(request).orElseThrow();
		assertThat(LitestreamFixture.sha256(target)).isEqualTo(expected.get("file_sha256").asString());
		assertThat(rows(target)).isEqualTo(expected.at("/tables/note/rows").asLong());
		assertThat(result.pageSize()).isEqualTo(expected.get("page_size").asInt());
		assertThat(result.pageCount()).isEqualTo(expected.get("page_count").asLong());
		assertThat(result.txid()).isEqualTo(Txid.ZERO);
		assertThat(result.bytesRead()).isPositive();
		try (Stream<Path> files = Files.list(this.folder)) {
			assertThat(files.map((path) -> path.getFileName().toString())).contains("replica", "app.db")
				.allMatch((name) -> name.startsWith("replica") || name.startsWith("app.db"));
		}
	}

	@Test
	void coversEveryStateThatLitestreamWasAskedFor() {
		assertThat(states()).hasSize(32);
	}

	@Test
	void tellsWhatItWouldRestore() throws IOException {
		LitestreamFixture fixture = LitestreamFixture.legacy("basic");
		List<RestoreStatus> told = new ArrayList<>();
		Restorer restorer = new Restorer(new FileReplicaStorage(fixture.copyTo(this.folder)), told::add);
		RestoreRequest request = RestoreRequest.latest(this.folder.resolve("app.db"));
		RestorePreview preview = restorer.plan(request).orElseThrow();
		assertThat(preview.txid()).isEqualTo(Txid.ZERO);
		assertThat(preview.time())
			.isEqualTo(Instant.ofEpochMilli(time(fixture, "00000006_00000000.wal.lz4").getValue().asLong()));
		assertThat(preview.bytes()).isEqualTo(1541 + 119);
		assertThat(request.target()).doesNotExist();
		restorer.restore(request);
		assertThat(told).last()
			.satisfies((status) -> assertThat(status.bytesRead()).isEqualTo(1541 + 119))
			.satisfies((status) -> assertThat(status.pages()).isEqualTo(18));
	}

	@Test
	void refusesATxid() throws IOException {
		Restorer restorer = new Restorer(new FileReplicaStorage(LitestreamFixture.legacy("basic").copyTo(this.folder)));
		RestoreRequest request = RestoreRequest.latest(this.folder.resolve("app.db")).to(new Txid(3));
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restorer.restore(request))
			.withMessageContainingAll("0000000000000003", "Litestream 0.3", "no TXIDs");
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restorer.plan(request));
		assertThat(request.target()).doesNotExist();
	}

	@Test
	void refusesATimeBeforeTheFirstSnapshot() throws IOException {
		LitestreamFixture fixture = LitestreamFixture.legacy("basic");
		Restorer restorer = new Restorer(new FileReplicaStorage(fixture.copyTo(this.folder)));
		Map.Entry<String, JsonNode> first = time(fixture, "00000001.snapshot.lz4");
		Instant before = Instant.ofEpochMilli(first.getValue().asLong() - 1);
		RestoreRequest request = RestoreRequest.latest(this.folder.resolve("app.db")).to(before);
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> restorer.restore(request))
			.withMessageContainingAll(before.toString(), first.getKey(), before.plusMillis(1).toString());
	}

	private static Map.Entry<String, JsonNode> time(LitestreamFixture fixture, String name) {
		return fixture.expected()
			.get("mtimes_ms")
			.properties()
			.stream()
			.filter((each) -> each.getKey().endsWith(name))
			.findFirst()
			.orElseThrow();
	}

	private static long rows(Path database) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*) FROM note")) {
			return rows.getLong(1);
		}
	}

}
