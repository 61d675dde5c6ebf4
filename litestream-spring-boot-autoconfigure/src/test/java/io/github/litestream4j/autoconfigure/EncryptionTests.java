package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;

import io.github.litestream4j.ConfigurationException;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that encrypts is refused before anything is stored or opened.
 */
class EncryptionTests {

	@TempDir
	Path folder;

	@Test
	void aClientThatEncryptsIsRefused() throws ReflectiveOperationException {
		S3Client client = encrypting();
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, LitestreamAutoConfiguration.class))
			.withBean("s3", S3Client.class, () -> client)
			.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.folder.resolve("app.db"),
					"litestream.replica.url=s3://bucket/app")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(ConfigurationException.class.getName())
				.hasStackTraceContaining("the S3Client bean 's3' encrypts on the client")
				.hasStackTraceContaining("let the bucket encrypt"));
		assertThat(this.folder).isEmptyDirectory();
	}

	/** Named as the client of Amazon's library is; each of its requests fails. */
	private static S3Client encrypting() throws ReflectiveOperationException {
		return new ByteBuddy().subclass(S3Client.class)
			.name("software.amazon.encryption.s3.S3EncryptionClient")
			.method(ElementMatchers.named("serviceName"))
			.intercept(FixedValue.value("s3"))
			.method(ElementMatchers.named("close"))
			.intercept(StubMethod.INSTANCE)
			.make()
			.load(S3Client.class.getClassLoader())
			.getLoaded()
			.getDeclaredConstructor()
			.newInstance();
	}

}
