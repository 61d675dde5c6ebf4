package io.github.litestream4j.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Writers are let go again, and the guard moves on, also where SQLite cannot end a
 * transaction.
 */
class WriteBarrierTests {

	private static final Duration SHORT = Duration.ofMillis(50);

	@TempDir
	Path folder;

	private final AtomicInteger refused = new AtomicInteger();

	private final AtomicInteger opened = new AtomicInteger();

	private DatabaseSettings settings;

	@BeforeEach
	void prepare() {
		Path file = this.folder.resolve("app.db");
		this.settings = new DatabaseSettings(file, "jdbc:sqlite:" + file, Map.of(), SHORT);
	}

	@Test
	void f61AFailingRollbackLetsTheWritersGoNevertheless() throws Exception {
		try (WriteBarrier barrier = new WriteBarrier(() -> unwilling(Connections.barrier(this.settings)))) {
			for (int i = 1; i <= 3; i++) {
				assertThat(barrier.lock(SHORT)).isTrue();
				assertThatExceptionOfType(SQLException.class).as("nobody else can write").isThrownBy(this::write);
				this.refused.set(1);
				assertThatExceptionOfType(SQLException.class).isThrownBy(barrier::unlock)
					.withMessageContaining("on demand");
				assertThatNoException().isThrownBy(this::write);
			}
			assertThat(barrier.lock(SHORT)).isTrue();
			barrier.unlock();
			assertThat(this.opened).as("one connection for each that broke").hasValue(4);
		}
	}

	@Test
	void f61ALockThatIsTakenIsWaitedForNoLongerThanAllowed() throws Exception {
		try (WriteBarrier barrier = new WriteBarrier(() -> unwilling(Connections.barrier(this.settings)));
				Connection other = DriverManager.getConnection(this.settings.jdbcUrl());
				Statement statement = other.createStatement()) {
			statement.execute("BEGIN IMMEDIATE");
			long start = System.nanoTime();
			assertThat(barrier.lock(SHORT)).isFalse();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, SHORT.plusSeconds(5));
			statement.execute("ROLLBACK");
			assertThat(barrier.lock(SHORT)).isTrue();
			barrier.unlock();
			assertThat(this.opened).hasValue(1);
		}
	}

	@Test
	void f61TheGuardIsRenewedAgainAfterARollbackThatFailed() throws Exception {
		Connections.barrier(this.settings).close();
		write();
		try (ReadGuard guard = new ReadGuard(() -> unwilling(Connections.reader(this.settings)));
				Connection other = DriverManager.getConnection(this.settings.jdbcUrl());
				Statement statement = other.createStatement()) {
			guard.renew();
			guard.renew();
			for (int i = 1; i <= 3; i++) {
				write();
				this.refused.set(1);
				assertThatExceptionOfType(SQLException.class).isThrownBy(guard::renew)
					.withMessageContaining("on demand");
				guard.renew();
				// What the transaction that could not be ended had kept back is copied
				// now
				try (var row = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
					assertThat(row.getInt(3)).isEqualTo(row.getInt(2)).isPositive();
				}
				guard.renew();
			}
			assertThat(this.opened).hasValue(5);
		}
	}

	private void write() throws SQLException {
		try (Connection connection = Connections.barrier(this.settings)) {
			Connections.execute(connection, "PRAGMA user_version=" + System.nanoTime() % 1000);
		}
	}

	private Connection unwilling(Connection connection) {
		this.opened.incrementAndGet();
		return UnwillingConnection.refusing(connection, "ROLLBACK", this.refused);
	}

}
