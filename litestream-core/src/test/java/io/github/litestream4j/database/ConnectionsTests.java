package io.github.litestream4j.database;

import io.github.litestream4j.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which SQLite is new enough.
 */
class ConnectionsTests {

	@ParameterizedTest
	@ValueSource(strings = { "3.51.2", "3.51.0", "3.51", "3.50.9", "3.9.20", "2.99.99", "3" })
	void f01AnOlderOneIsRefused(String version) {
		assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> Connections.requireSound(version))
			.withMessageContaining(version)
			.withMessageContaining("sqlite-jdbc 3.51.3.0 or newer");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3.51.3", "3.51.10", "3.52.0", "3.54.1", "3.100.0", "4.0.0", "3.51.3.1" })
	void aNewerOneIsTaken(String version) {
		assertThatCode(() -> Connections.requireSound(version)).doesNotThrowAnyException();
	}

	@Test
	void theOneOfThisBuildIsTaken() {
		assertThatCode(LiveDatabase::requireSoundDriver).doesNotThrowAnyException();
	}

}
