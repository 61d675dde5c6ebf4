package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What cannot be honoured stops the start with a message that says what to change,
 * without a stack trace, and no file is created or altered. With the real engine.
 */
@ExtendWith(OutputCaptureExtension.class)
class BadInputTests {

	@TempDir
	Path folder;

	private String url;

	private String replica;

	@BeforeEach
	void prepare() {
		this.url = "--spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db");
		this.replica = "--litestream.replica.url=file:" + this.folder.resolve("replica");
	}

	@Test
	void noReplicaUrl(CapturedOutput output) {
		assertFails(output, Application.class, this.url).contains("litestream.replica.url is not set")
			.contains("litestream.enabled=false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "ftp://host/app", "gs://bucket", "/var/backup", "s3:bucket", "s3://" })
	void anUnknownReplicaUrl(String replica, CapturedOutput output) {
		assertFails(output, Application.class, this.url, "--litestream.replica.url=" + replica).contains(replica);
	}

	@Test
	void s3WithoutAClient(CapturedOutput output) {
		assertFails(output, Application.class, this.url, "--litestream.replica.url=s3://bucket/app")
			.contains("needs an S3Client bean")
			.contains("spring-cloud-aws-starter-s3");
	}

	@Test
	void unknownKeys(CapturedOutput output) {
		assertFails(output, Application.class, this.url, this.replica, "--litestream.sync-intervall=1s",
				"--litestream.checkpoint.pages=1", "--litestream.databases.dataSource.shutdown-timeout=1s")
			.contains("litestream.sync-intervall")
			.contains("litestream.checkpoint.pages")
			.contains("litestream.databases.datasource.shutdown-timeout")
			.contains("These keys are no settings")
			.contains("Correct or remove them");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite:", "jdbc:sqlite::memory:", "jdbc:sqlite:file::memory:?cache=shared",
			"jdbc:sqlite:file:app?mode=memory" })
	void aDatabaseWithoutAFile(String url, CapturedOutput output) {
		assertFails(output, Application.class, "--spring.datasource.url=" + url, this.replica).contains(url)
			.contains("cannot be replicated")
			.contains("litestream.enabled=false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "journal_mode=DELETE", "wal_autocheckpoint=1000", "locking_mode=EXCLUSIVE" })
	void aSettingThatContradictsReplication(String setting, CapturedOutput output) {
		assertFails(output, Application.class, this.url + "?" + setting, this.replica).contains(setting);
		String[] pair = setting.split("=");
		assertFails(output, Application.class, this.url, this.replica,
				"--spring.datasource.hikari.data-source-properties." + pair[0] + "=" + pair[1])
			.contains(setting);
	}

	@Test
	void noSqliteDatabase(CapturedOutput output) {
		assertFails(output, Application.class, "--spring.datasource.url=jdbc:h2:mem:app", this.replica)
			.contains("none of the DataSource beans [dataSource] is on a SQLite file")
			.contains("litestream.enabled=false");
	}

	@Test
	void noDataSource(CapturedOutput output) {
		assertFails(output, Empty.class, this.replica).contains("there is no DataSource bean")
			.contains("litestream.enabled=false");
	}

	@Test
	void aPoolOfTheUserWhoseFileIsNotKnown(CapturedOutput output) {
		assertFails(output, OwnPool.class, this.replica, "--app.url=jdbc:sqlite:" + this.folder.resolve("app.db"))
			.contains("litestream.databases.pool.path");
	}

	@Test
	void aDatabaseThatDoesNotExist(CapturedOutput output) {
		assertFails(output, Application.class, this.url, this.replica, "--litestream.databases.other.enabled=false")
			.contains("litestream.databases.other names no DataSource bean")
			.contains("[dataSource]");
	}

	@Test
	void twoDatabasesInOnePlace(CapturedOutput output) {
		String[] paths = { "--litestream.databases.one.path=" + this.folder.resolve("one.db"),
				"--litestream.databases.two.path=" + this.folder.resolve("two.db") };
		assertFails(output, TwoPools.class, this.replica, paths[0], paths[1])
			.contains("'one' and 'two' would both be stored in file:" + this.folder.resolve("replica"))
			.contains("{database}");
		assertFails(output, TwoPools.class, this.replica + "/{database}", paths[0], paths[1],
				"--litestream.staging-directory=" + this.folder.resolve("staging"))
			.contains("'one' and 'two' would share the folder " + this.folder.resolve("staging"))
			.contains("litestream.staging-directory");
	}

	@Test
	void twoBeansOnOneFileWithSettingsOfTheirOwn(CapturedOutput output) {
		assertFails(output, TwoPools.class, this.replica,
				"--litestream.databases.one.path=" + this.folder.resolve("app.db"),
				"--litestream.databases.two.path=" + this.folder.resolve("app.db"),
				"--litestream.databases.two.sync-interval=9s")
			.contains("'one' and 'two' are on the same file")
			.contains("litestream.databases.two.*");
	}

	@ParameterizedTest
	@ValueSource(strings = { "litestream.checkpoint.min-pages=0", "litestream.checkpoint.max-pages=10",
			"litestream.checkpoint.interval=0s", "litestream.sync-interval=-1s", "litestream.busy-timeout=-1s",
			"litestream.busy-timeout=30d", "litestream.restore.parallelism=0", "litestream.restore.txid=12",
			"litestream.restore.on-startup=if-behind", "litestream.compaction.levels=5m,30s",
			"litestream.compaction.levels=0s", "litestream.compaction.levels=1s,2s,3s,4s,5s,6s,7s,8s,9s",
			"litestream.compaction.levels=often", "litestream.level0-retention=0", "litestream.snapshot.interval=-1s",
			"litestream.snapshot.retention=0", "litestream.verification.interval=-1s" })
	void aValueThatCannotBe(String property, CapturedOutput output) {
		String key = property.substring("litestream.".length(), property.indexOf('='));
		assertFails(output, Application.class, this.url, this.replica, "--" + property).containsAnyOf(key,
				key.equals("restore.txid") ? "a TXID has 16 hex digits" : key);
	}

	@Test
	void restorePointsThatContradictEachOther(CapturedOutput output) {
		assertFails(output, Application.class, this.url, this.replica, "--litestream.restore.txid=0000000000000001",
				"--litestream.restore.timestamp=2026-01-01T00:00:00Z")
			.contains("restore.timestamp and restore.txid are both set");
		assertFails(output, Application.class, this.url, this.replica, "--litestream.restore.txid=0000000000000001",
				"--litestream.restore.on-startup=never")
			.contains("need restore.on-startup=if-missing");
	}

	@Test
	void aRestorePointInAnEmptyReplica(CapturedOutput output) throws IOException {
		run(output, Application.class, this.url, this.replica, "--litestream.restore.txid=0000000000000001");
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains(this.folder.resolve("replica").toString())
			.contains("litestream.restore.txid");
		assertThat(this.folder.resolve("app.db")).doesNotExist();
	}

	@Test
	void aFolderThatIsNotThere(CapturedOutput output) {
		Path missing = this.folder.resolve("missing");
		assertFails(output, Application.class, "--spring.datasource.url=jdbc:sqlite:" + missing.resolve("app.db"),
				this.replica)
			.contains("create " + missing);
	}

	@Test
	void aFileThatIsNotADatabase(CapturedOutput output) throws IOException {
		byte[] text = "This is not a database, but a text that somebody wants to keep, %s".formatted("-".repeat(1000))
			.getBytes(StandardCharsets.UTF_8);
		Path file = Files.write(this.folder.resolve("app.db"), text);
		run(output, Application.class, this.url, this.replica);
		assertThat(output).contains("APPLICATION FAILED TO START").contains(file.toString());
		assertThat(file).hasBinaryContent(text);
		assertThat(files()).containsExactly(file);
	}

	@Test
	void aReplicaThatCannotBeListed(CapturedOutput output) throws IOException {
		Path file = Files.writeString(this.folder.resolve("replica"), "no folder");
		run(output, Application.class, this.url, this.replica);
		assertThat(output).contains("APPLICATION FAILED TO START").contains(file.toString());
		assertThat(this.folder.resolve("app.db")).doesNotExist();
	}

	private AbstractStringAssert<?> assertFails(CapturedOutput output, Class<?> application, String... arguments) {
		String report = run(output, application, arguments);
		assertThat(report).contains("APPLICATION FAILED TO START")
			.contains("Description:")
			.contains("Action:")
			.doesNotContain("\tat ");
		assertThat(files()).isEmpty();
		return assertThat(report);
	}

	private static String run(CapturedOutput output, Class<?> application, String... arguments) {
		int before = output.length();
		assertThatException().isThrownBy(
				() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE).run(arguments).close());
		return output.toString().substring(before);
	}

	private List<Path> files() {
		try (var files = Files.list(this.folder)) {
			return new ArrayList<>(files.toList());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(LitestreamAutoConfiguration.class)
	static class Empty {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(LitestreamAutoConfiguration.class)
	static class OwnPool {

		@Bean
		DataSource pool(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(environment.getRequiredProperty("app.url"));
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(LitestreamAutoConfiguration.class)
	static class TwoPools {

		@Bean
		DataSource one(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl("jdbc:sqlite:" + environment.getProperty("litestream.databases.one.path"));
			return new HikariDataSource(config);
		}

		@Bean
		DataSource two(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl("jdbc:sqlite:" + environment.getProperty("litestream.databases.two.path"));
			return new HikariDataSource(config);
		}

	}

}
