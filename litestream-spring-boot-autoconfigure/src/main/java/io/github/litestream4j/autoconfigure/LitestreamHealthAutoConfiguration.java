package io.github.litestream4j.autoconfigure;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the health contributor {@code litestream}, with one component for
 * each database.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
@ConditionalOnBean(DatabaseSessions.class)
@ConditionalOnEnabledHealthIndicator("litestream")
public final class LitestreamHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "litestreamHealthIndicator", "litestreamHealthContributor" })
	CompositeHealthContributor litestreamHealthContributor(DatabaseSessions sessions) {
		Map<String, LitestreamHealthIndicator> indicators = new LinkedHashMap<>();
		for (ReplicatedDatabase database : sessions.databases()) {
			indicators.put(database.name(), new LitestreamHealthIndicator(database.session(), database.plan(),
					database::startedAt, Clock.systemUTC()));
		}
		return CompositeHealthContributor.fromMap(indicators);
	}

}
