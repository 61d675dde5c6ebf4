package io.github.litestream4j.autoconfigure;

import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.litestream4j.session.DatabaseSession;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the replication of every SQLite {@link DataSource}. Switched off
 * by {@code litestream.enabled=false}.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnClass({ DataSource.class, DatabaseSession.class })
@ConditionalOnBooleanProperty(name = "litestream.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LitestreamProperties.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
@ImportRuntimeHints(EngineHints.class)
public final class LitestreamAutoConfiguration {

	@Bean(name = DatabaseSessions.BEAN_NAME)
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	DatabaseSessions litestreamSessions(LitestreamProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<SessionOpener> opener) {
		Supplier<DatabaseCatalog> catalog = () -> DatabaseCatalog.of(properties, environment, beanFactory);
		return new DatabaseSessions(catalog, opener.getIfAvailable(() -> EngineSession.opener(beanFactory)),
				new DataSourceVerifier(beanFactory), properties.shutdownTimeout(),
				parent(beanFactory.getParentBeanFactory()));
	}

	private static @Nullable DatabaseSessions parent(@Nullable BeanFactory parent) {
		return (parent != null) ? parent.getBeanProvider(DatabaseSessions.class).getIfAvailable() : null;
	}

	@Bean
	LitestreamDatabases litestreamDatabases(DatabaseSessions sessions) {
		return new LitestreamDatabases(sessions);
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static DataSourceOrder litestreamDataSourceOrder() {
		return new DataSourceOrder();
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ReplicatedDataSourcePostProcessor litestreamDataSourcePostProcessor(
			ObjectProvider<DatabaseSessions> sessions, ObjectProvider<LitestreamProperties> properties,
			ConfigurableListableBeanFactory beanFactory) {
		return new ReplicatedDataSourcePostProcessor(new DataSourceMatcher(sessions, properties), beanFactory);
	}

}
