package io.github.litestream4j.ltx;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The files that Litestream wrote, of each of its releases with this format, some of them
 * in an older form: each is read whole, read through its index, and written again.
 */
class LtxFixturesTests {

	@Test
	void f32ThereAreFilesOfEveryRelease() throws Exception {
		try (Stream<Path> files = files()) {
			assertThat(files.map((file) -> file.getName(file.getNameCount() - 5).toString()).distinct())
				.containsAll(IntStream.rangeClosed(0, 17).mapToObj((patch) -> "0.5." + patch).toList());
		}
	}

	@ParameterizedTest
	@MethodSource("files")
	void f32ReadWhole(Path file) throws IOException {
		try (LtxReader reader = new LtxReader(Files.newInputStream(file), file.toString())) {
			LtxFileName name = LtxFileName.parse(file.getFileName().toString()).orElseThrow();
			assertThat(reader.header().min()).isEqualTo(name.min());
			assertThat(reader.header().max()).isEqualTo(name.max());
			assertThat(LtxFiles.pages(reader)).isNotEmpty();
			byte[] bytes = Files.readAllBytes(file);
			assertThat(reader.trailer().fileChecksum()).isEqualTo(ByteBuffer.wrap(bytes).getLong(bytes.length - 8));
			assertThat(reader.header().encode().array()).isEqualTo(Arrays.copyOf(bytes, 100));
		}
	}

	@ParameterizedTest
	@MethodSource("files")
	void f32ReadThroughTheIndex(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		LtxFiles.Whole whole = LtxFiles.read(bytes);
		assertThat(LtxFiles.readThroughIndex(bytes)).isEqualTo(whole.pages());
	}

	@ParameterizedTest
	@MethodSource("files")
	void f32WrittenAgainHoldTheSame(Path file) throws IOException {
		LtxFiles.Whole whole = LtxFiles.read(Files.readAllBytes(file));
		byte[] copy = LtxFiles.write(whole.header(), whole.pages(), whole.trailer().postApplyChecksum());
		assertThat(LtxFiles.read(copy).pages()).isEqualTo(whole.pages());
		assertThat(LtxFiles.read(copy).header()).isEqualTo(whole.header());
	}

	static Stream<Path> files() throws IOException, URISyntaxException {
		URI root = Objects.requireNonNull(LtxFixturesTests.class.getResource("/fixtures")).toURI();
		return Files.walk(Path.of(root)).filter((file) -> file.toString().endsWith(".ltx")).sorted();
	}

}
