package io.github.litestream4j.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.s3.S3Client;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Spring Boot expects of the auto-configuration of others.
 */
@ExtendWith(OutputCaptureExtension.class)
class ConventionsTests extends AbstractFakeEngineTests {

	/** What Boot, Spring Cloud AWS or an application would take for its own. */
	private static final List<Class<?>> OF_OTHERS = List.of(Executor.class, TaskExecutor.class, TaskScheduler.class,
			Clock.class, S3Client.class, MeterRegistry.class, DataSource.class);

	@Test
	void registersEachAutoConfigurationOnce() throws IOException {
		List<Class<?>> autoConfigurations = classes()
			.filter((type) -> AnnotatedElementUtils.isAnnotated(type, AutoConfiguration.class))
			.toList();
		assertThat(autoConfigurations).hasSizeGreaterThanOrEqualTo(5)
			.allSatisfy((type) -> assertThat(type.getModifiers()).isEqualTo(Modifier.PUBLIC | Modifier.FINAL));
		List<String> registered = StreamSupport
			.stream(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()).spliterator(), false)
			.filter((name) -> name.startsWith(getClass().getPackageName()))
			.toList();
		assertThat(registered)
			.containsExactlyInAnyOrderElementsOf(autoConfigurations.stream().map(Class::getName).toList());
		Properties factories = new Properties();
		try (var in = Files.newInputStream(Path.of("target/classes/META-INF/spring.factories"))) {
			factories.load(in);
		}
		assertThat(factories.stringPropertyNames()).isNotEmpty()
			.noneMatch((key) -> key.endsWith("EnableAutoConfiguration"));
	}

	@Test
	void aComponentScanFindsNothing() throws IOException {
		assertThat(classes().filter((type) -> AnnotatedElementUtils.hasAnnotation(type, Component.class)))
			.allMatch((type) -> AnnotatedElementUtils.isAnnotated(type, AutoConfiguration.class)
					|| AnnotatedElementUtils.isAnnotated(type, ManagementContextConfiguration.class));
		assertThat(classes()).noneMatch((type) -> AnnotatedElementUtils.hasAnnotation(type, ComponentScan.class));
	}

	@Test
	void conditionsOnClassesStandOnClasses() throws IOException {
		assertThat(beanMethods()).hasSizeGreaterThanOrEqualTo(8)
			.noneMatch((method) -> AnnotatedElementUtils.hasAnnotation(method, ConditionalOnClass.class));
	}

	@Test
	void postProcessorsAreStatic() throws IOException {
		assertThat(beanMethods().filter((method) -> BeanPostProcessor.class.isAssignableFrom(method.getReturnType())
				|| BeanFactoryPostProcessor.class.isAssignableFrom(method.getReturnType())))
			.hasSize(2)
			.allMatch((method) -> Modifier.isStatic(method.getModifiers()));
	}

	@Test
	void publishesNothingThatOthersBackOffFor() throws IOException {
		assertThat(beanMethods().map(Method::getReturnType)).allMatch(
				(type) -> OF_OTHERS.stream().noneMatch((other) -> other.isAssignableFrom(type)),
				"none of " + OF_OTHERS);
	}

	@Test
	void makesNoBeanTooEarly(CapturedOutput output) {
		withUrl().withConfiguration(AutoConfigurations.of(LitestreamHealthAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("is not eligible for getting processed by all BeanPostProcessors");
	}

	@Test
	void severalConnectionDetailsAreLegal() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url());
		this.runner.withPropertyValues("litestream.databases.dataSource.path=" + file())
			.withBean("dataSource", HikariDataSource.class, () -> pool)
			.withBean("one", JdbcConnectionDetails.class, () -> new Details("jdbc:h2:mem:one"))
			.withBean("two", JdbcConnectionDetails.class, () -> new Details("jdbc:h2:mem:two"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(this.engine.events).contains("open dataSource");
			});
	}

	@Test
	void metersOfOneNameHaveTheSameKeys() {
		withUrl().withConfiguration(AutoConfigurations.of(LitestreamMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				context.getBean(LitestreamMetrics.class).bindTo(registry);
				Map<String, Set<Set<String>>> keys = new HashMap<>();
				for (Meter meter : registry.getMeters()) {
					keys.computeIfAbsent(meter.getId().getName(), (name) -> new HashSet<>())
						.add(meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet()));
				}
				assertThat(keys).hasSizeGreaterThan(10);
				keys.forEach((name, sets) -> {
					assertThat(sets).as(name).hasSize(1);
					assertThat(name).matches("litestream(\\.[a-z0-9]+)+").doesNotMatch(".*\\.(total|count|seconds)");
				});
			});
	}

	private static Stream<Method> beanMethods() throws IOException {
		return classes().flatMap((type) -> Arrays.stream(type.getDeclaredMethods()))
			.filter((method) -> method.isAnnotationPresent(Bean.class));
	}

	private static Stream<Class<?>> classes() throws IOException {
		Path root = Path.of("target/classes");
		try (Stream<Path> files = Files.walk(root)) {
			return files.map((file) -> root.relativize(file).toString().replace('\\', '/'))
				.filter((file) -> file.endsWith(".class") && !file.contains("-info"))
				.<Class<?>>map((file) -> type(file.replace('/', '.').replaceAll("\\.class$", "")))
				.toList()
				.stream();
		}
	}

	private static Class<?> type(String name) {
		try {
			return Class.forName(name, false, ConventionsTests.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private record Details(String url) implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "sa";
		}

		@Override
		public String getPassword() {
			return "";
		}

		@Override
		public String getJdbcUrl() {
			return this.url;
		}

	}

}
