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
 * A replica that Litestream wrote, with what Litestream restores from it.
 *
 * @param version the folder below {@code fixtures}
 * @param name the folder below that
 */
public record LitestreamFixture(String version, String name) {

	private static final String V05 = "litestream-v0.5";

	private static final String V03 = "litestream-v0.3";

	LitestreamFixture(String name) {
		this(V05, name);
	}

	/**
	 * A replica that Litestream 0.3 wrote.
	 * @param name the case
	 * @return the fixture
	 */
	public static LitestreamFixture legacy(String name) {
		return new LitestreamFixture(V03, name);
	}

	static List<LitestreamFixture> all() {
		return all(V05);
	}

	/**
	 * All replicas that Litestream 0.3 wrote.
	 * @return the fixtures
	 */
	public static List<LitestreamFixture> allLegacy() {
		return all(V03);
	}

	private static List<LitestreamFixture> all(String version) {
		try (Stream<Path> cases = Files.list(root(version))) {
			return cases.map((path) -> new LitestreamFixture(version, path.getFileName().toString()))
				.sorted((a, b) -> a.name().compareTo(b.name()))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Path root(String version) {
		try {
			return Path.of(LitestreamFixture.class.getResource("/fixtures/" + version).toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public JsonNode expected() {
		return JsonMapper.shared().readTree(root(this.version).resolve(this.name).resolve("expected.json").toFile());
	}

	/**
	 * Copy the replica and give its files the times that git does not keep.
	 * @param folder where to
	 * @return the replica's folder
	 */
	public Path copyTo(Path folder) throws IOException {
		Path source = root(this.version).resolve(this.name).resolve("replica");
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

	public static String sha256(Path file) throws IOException {
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
