package io.github.litestream4j.testsupport;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Assumptions;

/**
 * Finds what the build has put below the root's target folder.
 */
final class TestPrograms {

	private TestPrograms() {
	}

	/**
	 * A file or folder that the build names in a system property.
	 * @param property the property
	 * @return the path, which is there
	 */
	static Path find(String property) {
		String value = System.getProperty(property);
		if (value == null) {
			throw new IllegalStateException("System property '" + property
					+ "' is not set. Run the tests with Maven, or set it as the root pom.xml does");
		}
		Path path = Path.of(value);
		if (!Files.exists(path)) {
			throw new IllegalStateException("'" + path + "', from system property '" + property
					+ "', is not there. The module test-programs puts it there: run ./mvnw test -pl test-programs");
		}
		return path;
	}

	/**
	 * The same for a part of the real Litestream, without which a build may be asked to
	 * go on. It must be asked: a program that is merely missing fails the test.
	 * @param property the property
	 * @return the path, which is there
	 */
	static Path findLitestream(String property) {
		Assumptions.assumeFalse(Boolean.getBoolean("litestream.interop.skip"),
				"left out by -Dlitestream.interop.skip=true");
		return find(property);
	}

}
