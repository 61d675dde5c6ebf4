package io.github.litestream4j.ltx;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.litestream4j.testsupport.LitestreamBinary;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The real Litestream restores what {@link LtxWriter} wrote: each replica of the
 * fixtures, read and written again file by file.
 */
class LtxInteropTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@MethodSource("cases")
	void litestreamRestoresFilesWrittenAgain(Path fixture) throws Exception {
		Path replica = fixture.resolve("replica");
		Path copy = this.folder.resolve("replica");
		try (Stream<Path> files = Files.walk(replica)) {
			for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
				writeAgain(file, copy.resolve(replica.relativize(file).toString()));
			}
		}
		Path restored = this.folder.resolve("restored.db");
		LitestreamBinary.Outcome outcome = LitestreamBinary.current().restore(LitestreamBinary.url(copy), restored);
		assertThat(outcome.exitCode()).as(outcome.output()).isZero();
		assertThat(sha256(restored)).isEqualTo(JsonMapper.shared()
			.readTree(fixture.resolve("expected.json").toFile())
			.get("latest")
			.get("file_sha256")
			.asString());
	}

	private static void writeAgain(Path file, Path copy) throws IOException {
		LtxFiles.Whole whole = LtxFiles.read(Files.readAllBytes(file));
		Files.createDirectories(copy.getParent());
		Files.write(copy, LtxFiles.write(whole.header(), whole.pages(), whole.trailer().postApplyChecksum()));
	}

	private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
		return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
	}

	static Stream<Path> cases() throws IOException, URISyntaxException {
		return Stream.concat(Files.list(fixtures("litestream-v0.5")), Files.list(fixtures("litestream-v0.5.5")))
			.sorted();
	}

	private static Path fixtures(String name) throws URISyntaxException {
		URI uri = Objects.requireNonNull(LtxInteropTests.class.getResource("/fixtures/" + name)).toURI();
		return Path.of(uri);
	}

}
