package io.github.litestream4j.autoconfigure;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration of the actuator's endpoint {@code litestream}.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(LitestreamDatabases.class)
@ConditionalOnAvailableEndpoint(LitestreamEndpoint.class)
@ImportRuntimeHints(EndpointHints.class)
public final class LitestreamEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LitestreamEndpoint litestreamEndpoint(LitestreamDatabases databases) {
		return new LitestreamEndpoint(databases);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(endpoint = LitestreamEndpoint.class, exposure = EndpointExposure.WEB)
	LitestreamEndpointWebExtension litestreamEndpointWebExtension(LitestreamEndpoint endpoint) {
		return new LitestreamEndpointWebExtension(endpoint);
	}

}
