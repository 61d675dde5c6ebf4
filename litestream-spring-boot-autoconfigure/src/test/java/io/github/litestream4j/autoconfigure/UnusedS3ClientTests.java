package io.github.litestream4j.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class UnusedS3ClientTests {

	private final Log log = LogFactory.getLog(getClass());

	private final DeferredLogFactory logs = (supplier) -> this.log;

	private boolean regionIsKnown;

	@Test
	void leavesTheClientOutForAReplicaInAFolder() {
		assertThat(enabled("litestream.replica.url=file:/backup")).isEqualTo("false");
	}

	@Test
	void leavesTheClientOutForFoldersOfSeveralDatabases() {
		assertThat(enabled("litestream.databases.one.replica.url=file:/one",
				"litestream.databases.two.replica.url=file:/two", "litestream.databases.two.sync-interval=2s"))
			.isEqualTo("false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "litestream.replica.url=s3://bucket/app",
			"litestream.databases.one.replica.url=s3://bucket/app", "spring.cloud.aws.region.static=eu-west-1",
			"spring.cloud.aws.region.instance-profile=true", "spring.cloud.aws.s3.region=eu-west-1",
			"spring.cloud.aws.s3.endpoint=http://localhost:9000" })
	void keepsTheClientThatMayBeUsed(String property) {
		assertThat(enabled("litestream.replica.url=file:/backup", property)).isNull();
	}

	@Test
	void keepsTheClientWhereThisMachineNamesARegion() {
		this.regionIsKnown = true;
		assertThat(enabled("litestream.replica.url=file:/backup")).isNull();
	}

	@Test
	@ResourceLock(Resources.SYSTEM_PROPERTIES)
	void asksTheMachine() {
		String before = System.setProperty("aws.region", "eu-west-1");
		try {
			assertThat(enabled(new UnusedS3Client(this.logs), "litestream.replica.url=file:/backup")).isNull();
		}
		finally {
			if (before == null) {
				System.clearProperty("aws.region");
			}
			else {
				System.setProperty("aws.region", before);
			}
		}
	}

	@Test
	void leavesTheDecisionToWhoMadeIt() {
		assertThat(enabled("litestream.replica.url=file:/backup", "spring.cloud.aws.s3.enabled=true"))
			.isEqualTo("true");
	}

	@Test
	void leavesTheClientOutWhereNothingIsReplicated() {
		assertThat(enabled("litestream.replica.url=s3://bucket/app", "litestream.enabled=false")).isEqualTo("false");
		assertThat(enabled("litestream.enabled=false")).isEqualTo("false");
	}

	@Test
	void doesNothingWithoutAReplica() {
		assertThat(enabled()).isNull();
	}

	private String enabled(String... properties) {
		return enabled(new UnusedS3Client(this.logs, () -> this.regionIsKnown), properties);
	}

	private static String enabled(UnusedS3Client client, String... properties) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		TestPropertyValues.of(properties).applyTo(environment);
		client.postProcessEnvironment(environment, new SpringApplication());
		return environment.getProperty("spring.cloud.aws.s3.enabled");
	}

}
