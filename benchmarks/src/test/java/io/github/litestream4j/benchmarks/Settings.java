package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * How much is measured, from system properties: {@code benchmark.samples} (lone commits
 * of each side and store), {@code benchmark.paced-seconds},
 * {@code benchmark.full-seconds}, {@code benchmark.rounds}, {@code benchmark.folder} (an
 * existing folder on the disk to measure on, the system's temporary folder by default).
 *
 * @param samples how many lone commits
 * @param paced how long 500 commits are made in each second
 * @param full how long commits are made at full speed
 * @param rounds how often each side does the latter
 * @param folder where a temporary folder is made, or {@code null}
 */
record Settings(int samples, Duration paced, Duration full, int rounds, @Nullable Path folder) {

	static Settings fromSystemProperties() {
		String folder = System.getProperty("benchmark.folder");
		return new Settings(number("benchmark.samples", 40, 1000),
				Duration.ofSeconds(number("benchmark.paced-seconds", 20, 600)),
				Duration.ofSeconds(number("benchmark.full-seconds", 10, 120)), number("benchmark.rounds", 3, 20),
				(folder != null) ? Path.of(folder).toAbsolutePath() : null);
	}

	private static int number(String property, int standard, int most) {
		int number = Integer.getInteger(property, standard);
		if (number < 1 || number > most) {
			throw new IllegalArgumentException(property + " must be 1 to " + most + ", but is " + number);
		}
		return number;
	}

	/**
	 * What the build knows: where the programs are that run beside, and their versions.
	 * System properties of the same names win.
	 * @return the names and values
	 */
	static Properties programs() {
		Properties programs = new Properties();
		try (InputStream in = Objects.requireNonNull(Settings.class.getResourceAsStream("/side-by-side.properties"),
				"side-by-side.properties")) {
			programs.load(in);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		for (String name : programs.stringPropertyNames()) {
			programs.setProperty(name, System.getProperty(name, programs.getProperty(name)));
		}
		return programs;
	}

}
