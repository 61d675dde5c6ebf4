package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.litestream4j.autoconfigure.LitestreamEndpointWebExtension.Failure;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each failure of an operation has the status that the documentation promises, with the
 * real engine.
 */
class FailedOperationTests {

	private static final String NAME = "dataSource";

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					LitestreamAutoConfiguration.class, LitestreamEndpointAutoConfiguration.class))
			.withBean(SessionOpener.class,
					() -> (plan, observed) -> new EngineSession(
							DatabaseSession.open(plan.settings(), plan.restore(), this.storage, observed)))
			.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"litestream.replica.url=file:" + this.folder.resolve("replica"), "litestream.shutdown-timeout=1s",
					"management.endpoints.web.exposure.include=litestream");
	}

	@ParameterizedTest
	@CsvSource({ "sync, PUT_IF_ABSENT", "snapshot, PUT", "verify, READ" })
	void oneThatAStopEndsIsUnavailable(String operation, Operation hanging) {
		this.runner.run((context) -> {
			commit(context);
			extension(context).perform(NAME, "sync");
			commit(context);
			this.storage.hang(hanging);
			int calls = this.storage.calls(hanging);
			CompletableFuture<WebEndpointResponse<Object>> answer = performing(context, operation);
			Awaitility.await().until(() -> this.storage.calls(hanging) > calls);
			context.getSourceApplicationContext(ConfigurableApplicationContext.class).stop();
			assertFailed(answer.get(10, TimeUnit.SECONDS), 503, "replication was stopped");
			this.storage.heal();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "sync", "snapshot", "verify" })
	void oneOfAStoppedApplicationIsUnavailable(String operation) {
		this.runner.run((context) -> {
			context.getSourceApplicationContext(ConfigurableApplicationContext.class).stop();
			assertFailed(extension(context).perform(NAME, operation), 503, "is not started");
		});
	}

	@ParameterizedTest
	@CsvSource({ "sync, PUT_IF_ABSENT", "snapshot, PUT", "verify, READ" })
	void oneThatTheWebServerInterruptsIsUnavailable(String operation, Operation hanging) {
		this.runner.run((context) -> {
			commit(context);
			extension(context).perform(NAME, "sync");
			commit(context);
			this.storage.hang(hanging);
			int calls = this.storage.calls(hanging);
			CompletableFuture<WebEndpointResponse<Object>> answer = new CompletableFuture<>();
			Thread request = new Thread(() -> answer.complete(extension(context).perform(NAME, operation)));
			request.start();
			Awaitility.await().until(() -> this.storage.calls(hanging) > calls);
			request.interrupt();
			assertFailed(answer.get(10, TimeUnit.SECONDS), 503, NAME);
			this.storage.heal();
		});
	}

	@Test
	void aDrillThatTheStorageDoesNotAnswerIsUnavailable() {
		this.runner.run((context) -> {
			commit(context);
			extension(context).perform(NAME, "sync");
			this.storage.failAlways(Operation.LIST);
			this.storage.failAlways(Operation.READ);
			assertFailed(extension(context).perform(NAME, "verify"), 503, "fails on demand");
			this.storage.heal();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "sync", "snapshot", "verify" })
	void oneOfAReplicaThatAnotherWriterHasIsAConflict(String operation) {
		this.runner.run((context) -> {
			commit(context);
			extension(context).perform(NAME, "sync");
			LitestreamDatabases databases = context.getBean(LitestreamDatabases.class);
			Txid next = databases.status(NAME).txid().next();
			this.storage.put(new LtxKey(0, LtxFileName.of(next)), Instant.now(),
					(out) -> out.write("of another writer".getBytes()));
			commit(context);
			Awaitility.await().until(() -> databases.status(NAME).state() == State.FENCED);
			assertFailed(extension(context).perform(NAME, operation), 409, "another writer");
		});
	}

	@Test
	void oneThatIsFencedMeanwhileIsAConflict() {
		this.runner.run((context) -> {
			commit(context);
			extension(context).perform(NAME, "sync");
			Txid next = context.getBean(LitestreamDatabases.class).status(NAME).txid().next();
			this.storage.put(new LtxKey(0, LtxFileName.of(next)), Instant.now(),
					(out) -> out.write("of another writer".getBytes()));
			this.storage.hang(Operation.PUT_IF_ABSENT);
			int calls = this.storage.calls(Operation.PUT_IF_ABSENT);
			commit(context);
			CompletableFuture<WebEndpointResponse<Object>> answer = performing(context, "sync");
			Awaitility.await().until(() -> this.storage.calls(Operation.PUT_IF_ABSENT) > calls);
			this.storage.heal();
			assertFailed(answer.get(10, TimeUnit.SECONDS), 409, "another writer");
		});
	}

	private static void commit(ApplicationContext context) {
		Connections.execute(context.getBean(DataSource.class), "CREATE TABLE IF NOT EXISTS t (a)");
		Connections.execute(context.getBean(DataSource.class), "INSERT INTO t VALUES (1)");
	}

	private static LitestreamEndpointWebExtension extension(ApplicationContext context) {
		return context.getBean(LitestreamEndpointWebExtension.class);
	}

	private static CompletableFuture<WebEndpointResponse<Object>> performing(ApplicationContext context,
			String operation) {
		LitestreamEndpointWebExtension extension = extension(context);
		return CompletableFuture.supplyAsync(() -> extension.perform(NAME, operation),
				(task) -> new Thread(task, operation).start());
	}

	private static void assertFailed(WebEndpointResponse<Object> answer, int status, String message) {
		assertThat(answer.getBody()).isInstanceOfSatisfying(Failure.class,
				(failure) -> assertThat(failure.error()).contains(message));
		assertThat(answer.getStatus()).as(String.valueOf(answer.getBody())).isEqualTo(status);
	}

}
