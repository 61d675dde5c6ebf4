package io.github.litestream4j.autoconfigure;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of what the actuator must not show. A replica's URL with credentials
 * in it stops the start of whatever is replicated by it; where replication is switched
 * off it is only kept from being shown.
 */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class LitestreamSanitizingAutoConfiguration {

	@Bean
	static SanitizingFunction litestreamReplicaUrls() {
		return SanitizingFunction.sanitizeValue().ifMatches(RefusedUrls::isOne);
	}

}
