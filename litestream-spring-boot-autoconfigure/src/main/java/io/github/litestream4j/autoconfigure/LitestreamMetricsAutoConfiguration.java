package io.github.litestream4j.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the meters of every replicated database, where the application
 * has a {@link MeterRegistry}.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ MeterRegistry.class, MeterBinder.class })
@ConditionalOnBean({ MeterRegistry.class, DatabaseSessions.class })
public final class LitestreamMetricsAutoConfiguration {

	/**
	 * What was done before somebody looks at a registry would be counted by none.
	 */
	@Bean
	static LazyInitializationExcludeFilter litestreamMeterRegistries() {
		return LazyInitializationExcludeFilter.forBeanTypes(MeterRegistry.class);
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamMetrics litestreamMetrics(DatabaseSessions sessions) {
		return new LitestreamMetrics(sessions);
	}

}
