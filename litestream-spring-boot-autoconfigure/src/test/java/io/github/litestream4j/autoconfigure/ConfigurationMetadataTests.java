package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.litestream4j.autoconfigure.LitestreamProperties.Database;
import io.github.litestream4j.jdbc.SqliteUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an editor completes from is described, and each setting of it has an effect.
 */
class ConfigurationMetadataTests {

	/** Test classes have a file of the same name, which is not meant. */
	private static final Path METADATA = Path.of("target/classes/META-INF/spring-configuration-metadata.json");

	/** For each property a value that is not its default. */
	private static final Map<String, String> OTHER_VALUES = Map.ofEntries(Map.entry("replica.url", "s3://bucket/app"),
			Map.entry("replica.new-history", "some-id"), Map.entry("sync-interval", "3s"),
			Map.entry("busy-timeout", "7s"), Map.entry("staging-directory", "/staging"),
			Map.entry("checkpoint.min-pages", "5"), Map.entry("checkpoint.interval", "6m"),
			Map.entry("checkpoint.max-pages", "200000"), Map.entry("compaction.levels", "2s,6s"),
			Map.entry("level0-retention", "20s"), Map.entry("snapshot.interval", "30s"),
			Map.entry("snapshot.retention", "2d"), Map.entry("retention.enabled", "false"),
			Map.entry("retention.dry-run", "true"), Map.entry("verification.interval", "9h"),
			Map.entry("restore.on-startup", "never"), Map.entry("restore.timestamp", "2026-01-02T03:04:05Z"),
			Map.entry("restore.txid", "00000000000000ff"), Map.entry("restore.integrity-check", "full"),
			Map.entry("restore.parallelism", "3"), Map.entry("health.max-lag", "4m"));

	/** What has no default that could be written down. */
	private static final Set<String> WITHOUT_DEFAULT = Set.of("litestream.databases", "litestream.replica.url",
			"litestream.replica.new-history", "litestream.staging-directory", "litestream.restore.timestamp",
			"litestream.restore.txid");

	/** What other tests change. */
	private static final Set<String> NOT_OF_ONE_DATABASE = Set.of("litestream.databases",
			"litestream.enabled" /* LifecycleTests#doesNothingWhenItIsSwitchedOff */,
			"litestream.shutdown-timeout" /*
											 * LifecycleTests#
											 * boundsBothSyncsByTheShutdownTimeout
											 */);

	@Test
	void everyPropertyHasADescriptionAndADefault() throws IOException {
		metadata().forEach((name, attributes) -> {
			assertThat(attributes.get("type")).as(name).isNotNull();
			assertThat(attributes.get("description")).as(name).isNotNull();
			assertThat(attributes.get("description").toString()).as(name)
				.matches("[A-Z0-9].*\\.")
				.doesNotStartWith("The ")
				.doesNotStartWith("A ")
				.doesNotContain("{@")
				.doesNotContain("<");
			if (attributes.get("type").equals("java.lang.Boolean") && !name.startsWith("management.")) {
				assertThat(attributes.get("description").toString()).as(name).startsWith("Whether ");
			}
			assertThat(attributes.containsKey("defaultValue")).as(name).isNotEqualTo(WITHOUT_DEFAULT.contains(name));
		});
	}

	static Stream<String> properties() throws IOException {
		return metadata().keySet()
			.stream()
			.filter((name) -> name.startsWith("litestream.") && !NOT_OF_ONE_DATABASE.contains(name))
			.map((name) -> name.substring("litestream.".length()));
	}

	@ParameterizedTest
	@MethodSource("properties")
	void everyPropertyHasAnEffect(String property) {
		assertThat(OTHER_VALUES).containsKey(property);
		DatabasePlan before = plan(Map.of());
		DatabasePlan general = plan(Map.of("litestream." + property, OTHER_VALUES.get(property)));
		DatabasePlan own = plan(Map.of("litestream.databases.app." + property, OTHER_VALUES.get(property)));
		assertThat(general).isNotEqualTo(before);
		assertThat(own).isEqualTo(general);
	}

	@Test
	void noValueIsForAPropertyThatIsGone() throws IOException {
		assertThat(OTHER_VALUES.keySet()).containsExactlyInAnyOrderElementsOf(properties().toList());
	}

	private static DatabasePlan plan(Map<String, String> settings) {
		Map<String, String> all = new HashMap<>(Map.of("litestream.replica.url", "file:/backup"));
		all.putAll(settings);
		LitestreamProperties properties = new Binder(new MapConfigurationPropertySource(all))
			.bind("litestream", LitestreamProperties.class)
			.get();
		return new DatabasePlanner(properties).plan("app", SqliteUrl.of(Path.of("app.db")),
				properties.databases().getOrDefault("app", Database.DEFAULT));
	}

	private static Map<String, Map<?, ?>> metadata() throws IOException {
		Map<String, Object> json = JsonParserFactory.getJsonParser().parseMap(Files.readString(METADATA));
		return ((List<?>) json.get("properties")).stream()
			.map((property) -> (Map<?, ?>) property)
			.collect(Collectors.toMap((property) -> property.get("name").toString(), (property) -> property));
	}

}
