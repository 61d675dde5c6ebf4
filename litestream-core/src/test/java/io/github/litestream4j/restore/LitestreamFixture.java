package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A replica that Litestream 0.5 wrote, with what Litestream restores from it.
 *
 * @param name the folder below {@code fixtures/litestream-v0.5}
 */
record LitestreamFixture(String name) {

	static List<LitestreamFixture> all() {
		try (Stream<Path> cases = Files.list(root())) {
			return cases.map((path) -> new LitestreamFixture(path.getFileName().toString()))
				.sorted((a, b) -> a.name().compareTo(b.name()))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Path root() {
		try {
			return Path.of(LitestreamFixture.class.getResource("/fixtures/litestream-v0.5").toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	JsonNode expected() {
		return JsonMapper.shared().readTree(root().resolve(this.name).resolve("expected.json").toFile());
	}

	/**
	 * Copy the replica and give its files the times that git does not keep.
	 * @param folder where to
	 * @return the replica's folder
	 */
	Path copyTo(Path folder) throws IOException {
		Path source = root().resolve(this.name).resolve("replica");
		Path copy = folder.resolve("replica");
		try (Stream<Path> files = Files.walk(source)) {
			for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
				Path target = copy.resolve(source.relativize(file).toString());
				Files.createDirectories(target.getParent());
				Files.copy(file, target);
			}
		}
		for (var time : expected().get("mtimes_ms").properties()) {
			Files.setLastModifiedTime(copy.resolve(time.getKey()), FileTime.fromMillis(time.getValue().asLong()));
		}
		return copy;
	}

	static String sha256(Path file) throws IOException {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public String toString() {
		return this.name;
	}

}
