package io.github.litestream4j.autoconfigure;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.awspring.cloud.autoconfigure.core.AwsAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.CredentialsProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.core.RegionProviderAutoConfiguration;
import io.awspring.cloud.autoconfigure.s3.S3AutoConfiguration;
import io.awspring.cloud.s3.S3ProtocolResolver;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.util.Native;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.BeanInstanceSupplier;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that was processed ahead of time: what a native image keeps, and what is
 * known of beans whose annotations are gone.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AheadOfTimeTests {

	private RuntimeHints hints;

	private Map<String, ?> sources;

	@BeforeAll
	void process() {
		InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(AheadOfTimeTests.class)), files);
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues
				.of("spring.datasource.url=jdbc:sqlite:app.db", "litestream.replica.url=s3://bucket/app",
						"management.endpoints.web.exposure.include=litestream")
				.applyTo(context);
			context.register(DataSourceAutoConfiguration.class, AwsAutoConfiguration.class,
					CredentialsProviderAutoConfiguration.class, RegionProviderAutoConfiguration.class,
					S3AutoConfiguration.class, LitestreamAutoConfiguration.class,
					LitestreamEndpointAutoConfiguration.class, LitestreamHealthAutoConfiguration.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		generation.writeGeneratedContent();
		this.hints = generation.getRuntimeHints();
		this.sources = files.getGeneratedFiles(Kind.SOURCE);
	}

	@Test
	void nothingIsOpenedWhileItIsProcessed() {
		assertThat(this.sources).isNotEmpty();
		assertThat(Path.of("app.db")).doesNotExist();
		assertThat(Path.of(".app.db-litestream")).doesNotExist();
	}

	static Stream<Class<?>> answers() {
		List<Class<?>> answers = new ArrayList<>(
				List.of(LitestreamEndpoint.Databases.class, LitestreamEndpointWebExtension.Failure.class));
		answers.add(DatabaseDescriptor.class);
		answers.addAll(List.of(DatabaseDescriptor.class.getDeclaredClasses()));
		return answers.stream();
	}

	@ParameterizedTest
	@MethodSource("answers")
	void theEndpointsAnswersCanBeWritten(Class<?> answer) {
		assertThat(answer.isRecord()).isTrue();
		for (RecordComponent component : answer.getRecordComponents()) {
			assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(component.getAccessor()))
				.as(component.toString())
				.accepts(this.hints);
		}
	}

	static Stream<Class<?>> settings() {
		return Stream.concat(Stream.of(LitestreamProperties.class),
				Stream.of(LitestreamProperties.class.getDeclaredClasses()).filter(Class::isRecord));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void theSettingsCanBeBound(Class<?> settings) {
		assertThat(settings.getDeclaredConstructors()).hasSize(1);
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(settings.getDeclaredConstructors()[0]))
			.accepts(this.hints);
	}

	@Test
	void theEndpointsOperationsCanBeCalled() {
		for (Class<?> endpoint : List.of(LitestreamEndpoint.class, LitestreamEndpointWebExtension.class)) {
			assertThat(endpoint.getDeclaredMethods()).filteredOn((method) -> method.getAnnotations().length > 0)
				.isNotEmpty()
				.allSatisfy((method) -> assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(method))
					.accepts(this.hints));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "nativeInstance", "unsafeInstance", "safeInstance" })
	void theCodecsOfLz4AreFound(String kind) throws ReflectiveOperationException {
		LZ4Factory factory = (LZ4Factory) LZ4Factory.class.getMethod(kind).invoke(null);
		for (Object codec : List.of(factory.fastCompressor(), factory.highCompressor(), factory.fastDecompressor(),
				factory.safeDecompressor())) {
			assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(codec.getClass().getDeclaredField("INSTANCE")))
				.accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(factory.highCompressor().getClass().getDeclaredConstructor(int.class)))
			.accepts(this.hints);
	}

	@Test
	void theLibraryOfLz4IsThereForThisMachine() throws ReflectiveOperationException {
		Method name = Native.class.getDeclaredMethod("resourceName");
		name.setAccessible(true);
		String resource = name.invoke(null).toString();
		assertThat(Native.class.getResource(resource)).isNotNull();
		assertThat(RuntimeHintsPredicates.resource().forResource(resource.substring(1))).accepts(this.hints);
	}

	@Test
	void theDriverBringsItsOwn() {
		assertThat(getClass().getClassLoader()
			.getResource("META-INF/native-image/org.xerial/sqlite-jdbc/native-image.properties")).isNotNull();
	}

	@Test
	void theFileOfAnOwnPoolIsKnownByItsBeanMethod() throws ReflectiveOperationException {
		DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();
		RootBeanDefinition generated = new RootBeanDefinition(HikariDataSource.class);
		generated.setInstanceSupplier(BeanInstanceSupplier
			.<HikariDataSource>forFactoryMethod(DataSourceChoiceTests.TwoOnOneFile.class, "two"));
		beanFactory.registerBeanDefinition("two", generated);
		DataSourceUrls urls = new DataSourceUrls(beanFactory,
				new MockEnvironment().withProperty("app.two.jdbc-url", "jdbc:sqlite:two.db"));
		assertThat(urls.of("two")).contains("jdbc:sqlite:two.db");
	}

	@Test
	void theUnusedS3ClientIsTakenOut() {
		DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();
		RootBeanDefinition client = new RootBeanDefinition(S3Client.class);
		client.setInstanceSupplier(
				BeanInstanceSupplier.forFactoryMethod(S3AutoConfiguration.class, "s3Client", S3ClientBuilder.class));
		beanFactory.registerBeanDefinition("s3Client", client);
		RootBeanDefinition own = new RootBeanDefinition(S3Client.class);
		own.setInstanceSupplier(BeanInstanceSupplier.forFactoryMethod(TrainingRunTests.Application.class, "s3Client"));
		beanFactory.registerBeanDefinition("own", own);
		beanFactory.registerBeanDefinition("resolver", new RootBeanDefinition(S3ProtocolResolver.class));
		beanFactory.registerBeanDefinition("other", new RootBeanDefinition(Object.class));
		new UnusedS3Beans().postProcessBeanDefinitionRegistry(beanFactory);
		assertThat(beanFactory.getBeanDefinitionNames()).containsExactly("own", "other");
	}

}
