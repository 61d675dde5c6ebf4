package io.github.litestream4j.autoconfigure;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.jdbc.SqliteUrl;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.env.Environment;
import org.springframework.core.type.MethodMetadata;

/**
 * The URLs of {@code DataSource} beans that do not exist yet, from what they will be
 * configured with.
 */
final class DataSourceUrls {

	private static final String AUTO_CONFIGURED = "dataSource";

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	private final Binder binder;

	DataSourceUrls(ConfigurableListableBeanFactory beanFactory, Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.binder = Binder.get(environment);
	}

	/**
	 * The URL of one bean, empty when only the bean itself will tell.
	 */
	Optional<String> of(String name) {
		if (name.equals(AUTO_CONFIGURED)) {
			JdbcConnectionDetails details = this.beanFactory.getBeanProvider(JdbcConnectionDetails.class).getIfUnique();
			if (details != null) {
				return property("spring.datasource.hikari.jdbc-url").or(() -> Optional.of(details.getJdbcUrl()));
			}
		}
		return boundPrefix(name)
			.flatMap((prefix) -> property(prefix + ".jdbc-url").or(() -> property(prefix + ".url")));
	}

	/**
	 * The URL that an application with one {@code DataSource} of its own usually means.
	 */
	Optional<String> general() {
		return property("spring.datasource.url");
	}

	/**
	 * The connection properties that Boot's pool is going to hand to the driver.
	 */
	Map<String, String> connectionProperties() {
		return this.binder
			.bind("spring.datasource.hikari.data-source-properties", Bindable.mapOf(String.class, String.class))
			.orElseGet(Map::of);
	}

	/**
	 * A configured URL as SQLite's, with the pool's properties.
	 */
	SqliteUrl parse(String name, String url) {
		return DataSourceMatcher.parse(name, url, connectionProperties());
	}

	private Optional<String> property(String key) {
		return this.binder.bind(key, String.class)
			.map(this.environment::resolvePlaceholders)
			.map(Optional::of)
			.orElseGet(Optional::empty);
	}

	/**
	 * The prefix of a bean method with {@code @ConfigurationProperties}.
	 */
	private Optional<String> boundPrefix(String name) {
		if (!this.beanFactory.containsBeanDefinition(name)) {
			return Optional.empty();
		}
		return annotations(this.beanFactory.getBeanDefinition(name))
			.map((annotations) -> annotations.get(ConfigurationProperties.class))
			.filter(MergedAnnotation::isPresent)
			.map((annotation) -> annotation.getString("prefix"));
	}

	private static Optional<MergedAnnotations> annotations(BeanDefinition definition) {
		if (definition instanceof AnnotatedBeanDefinition annotated) {
			return Optional.ofNullable(annotated.getFactoryMethodMetadata()).map(MethodMetadata::getAnnotations);
		}
		// of an application that was processed ahead of time only the method itself is
		// left
		Method method = (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
		return Optional.ofNullable(method).map(MergedAnnotations::from);
	}

}
