package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * One session for one database, and one database for one replica.
 */
class SessionLockTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	@TempDir
	Path folder;

	@Test
	void aSecondLockIsRefusedUntilTheFirstIsReleased() throws Exception {
		Path staging = this.folder.resolve("staging");
		Path database = this.folder.resolve("app.db");
		try (SessionLock first = SessionLock.take(staging, database)) {
			assertThat(first).isNotNull();
			Path link = Files.createSymbolicLink(this.folder.resolve("link"), staging);
			for (Path same : List.of(staging, link)) {
				assertThatExceptionOfType(ConfigurationException.class)
					.isThrownBy(() -> SessionLock.take(same, database))
					.withMessageContaining("replicated already")
					.withMessageContaining(database.toString());
			}
		}
		SessionLock.take(staging, database).close();
	}

	@Test
	void aLockThatCannotBeTakenIsNotHeld() throws Exception {
		Path staging = this.folder.resolve("staging");
		// A folder stands where the lock file should be
		Files.createDirectories(staging.resolve("lock"));
		assertThatExceptionOfType(ConfigurationException.class)
			.isThrownBy(() -> SessionLock.take(staging, this.folder.resolve("app.db")))
			.withMessageContaining(staging.toString())
			.withMessageContaining("litestream.staging-directory");
		Files.delete(staging.resolve("lock"));
		SessionLock.take(staging, this.folder.resolve("app.db")).close();
	}

	@Test
	void aSecondSessionInThisProcessIsRefused() {
		DatabaseSession first = open("app.db", "replica");
		try {
			for (String replica : List.of("replica", "other-replica")) {
				assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> open("app.db", replica))
					.as(replica)
					.withMessageContaining("replicated already")
					.withMessageContaining("app.db");
			}
			assertThat(this.folder.resolve("other-replica")).doesNotExist();
		}
		finally {
			assertThat(first.close(TIMEOUT)).isTrue();
		}
		assertThat(open("app.db", "replica").close(TIMEOUT)).isTrue();
	}

	@Test
	void aSecondSessionInAnotherProcessIsRefused() {
		Path database = this.folder.resolve("app.db");
		DatabaseSession first = open("app.db", "app.db-replica");
		try {
			assertThat(OpenProcess.run(List.of(), this.folder, database)).contains("ConfigurationException")
				.contains("replicated already")
				.contains(database.toString());
		}
		finally {
			assertThat(first.close(TIMEOUT)).isTrue();
		}
		assertThat(OpenProcess.run(List.of(), this.folder, database)).contains("opened true");
	}

	@Test
	void twoDatabasesOnOneReplicaAreRefusedAndTheSecondIsLeftAlone() throws Exception {
		DatabaseSession first = open("app.db", "replica");
		try {
			assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> open("other.db", "replica"))
				.withMessageContaining("app.db")
				.withMessageContaining("other.db")
				.withMessageContaining("{database}");
			try (var files = Files.list(this.folder)) {
				assertThat(files.map((file) -> file.getFileName().toString()))
					.noneMatch((name) -> name.contains("other"));
			}
		}
		finally {
			assertThat(first.close(TIMEOUT)).isTrue();
		}
		assertThat(first.close(TIMEOUT)).as("closing again does nothing").isTrue();
	}

	@Test
	void aFailedStartReleasesTheReplicaAndTheLock() throws Exception {
		Path staging = this.folder.resolve(".app.db-litestream");
		Files.createDirectories(staging);
		// A file stands where the folder of staged files should be
		Files.writeString(staging.resolve("ltx"), "");
		for (int i = 0; i < 2; i++) {
			LitestreamException failure = catchThrowableOfType(LitestreamException.class,
					() -> open("app.db", "replica"));
			assertThat(failure).hasMessageContaining(staging.toString());
		}
		Files.delete(staging.resolve("ltx"));
		assertThat(open("app.db", "replica").close(TIMEOUT)).isTrue();
	}

	private DatabaseSession open(String database, String replica) {
		return DatabaseSession.open(ReplicatorSettings.of(database, this.folder.resolve(database)),
				RestoreSettings.DEFAULT, new FileReplicaStorage(this.folder.resolve(replica)));
	}

}
