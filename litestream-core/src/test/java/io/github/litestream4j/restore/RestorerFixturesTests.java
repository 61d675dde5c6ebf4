package io.github.litestream4j.restore;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Litestream 0.5 wrote, restored byte for byte as Litestream restores it.
 */
class RestorerFixturesTests {

	@TempDir
	private Path folder;

	static Stream<Arguments> states() {
		List<Arguments> states = new ArrayList<>();
		for (LitestreamFixture fixture : LitestreamFixture.all()) {
			JsonNode expected = fixture.expected();
			states.add(Arguments.of(fixture, null, null, expected.get("latest")));
			for (JsonNode state : expected.get("by_txid")) {
				states.add(Arguments.of(fixture, Txid.parse(state.get("txid").asString()), null, state));
			}
			for (JsonNode state : expected.get("by_timestamp")) {
				states.add(Arguments.of(fixture, null, Instant.parse(state.get("timestamp").asString()), state));
			}
		}
		return states.stream();
	}

	@ParameterizedTest(name = "{0} txid {1} time {2}")
	@MethodSource("states")
	void restoresTheSameBytes(LitestreamFixture fixture, Txid txid, Instant time, JsonNode expected)
			throws IOException {
		Path target = this.folder.resolve("my app%20?#.db");
		Restorer restorer = new Restorer(new FileReplicaStorage(fixture.copyTo(this.folder)));
		RestoreRequest request = new RestoreRequest(target, txid, time, IntegrityCheck.FULL, 3);
		RestoreResult result = restorer.restore(request).orElseThrow();
		assertThat(LitestreamFixture.sha256(target)).isEqualTo(expected.get("file_sha256").asString());
		assertThat(result.pageSize()).isEqualTo(expected.get("page_size").asInt());
		assertThat(result.pageCount()).isEqualTo(expected.get("page_count").asLong());
		assertThat(result.bytesRead()).isPositive();
		if (txid != null) {
			assertThat(result.txid()).isEqualTo(txid);
		}
		try (Stream<Path> files = Files.list(this.folder)) {
			assertThat(files.map((path) -> path.getFileName().toString())).containsExactlyInAnyOrder("replica",
					"my app%20?#.db");
		}
	}

	static Stream<Path> releases() throws IOException, URISyntaxException {
		URI root = Objects.requireNonNull(RestorerFixturesTests.class.getResource("/fixtures/litestream-releases"))
			.toURI();
		return Files.list(Path.of(root)).sorted();
	}

	@ParameterizedTest
	@MethodSource("releases")
	void f32RestoresWhatEachReleaseWroteAsItDoesItself(Path release) throws IOException {
		Path target = this.folder.resolve("app.db");
		JsonNode expected = JsonMapper.shared().readTree(release.resolve("expected.json").toFile());
		new Restorer(new FileReplicaStorage(release.resolve("replica"))).restore(RestoreRequest.latest(target));
		assertThat(LitestreamFixture.sha256(target)).isEqualTo(expected.get("file_sha256").asString());
	}

	@Test
	void coversEveryStateThatLitestreamWasAskedFor() {
		assertThat(states()).hasSize(89);
	}

}
