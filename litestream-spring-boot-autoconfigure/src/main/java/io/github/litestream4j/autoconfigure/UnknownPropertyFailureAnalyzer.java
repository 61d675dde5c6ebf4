package io.github.litestream4j.autoconfigure;

import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Names the {@code litestream.*} keys that nobody reads: a mistyped setting of a backup
 * must not pass in silence. Before Boot's own analysis, which cannot say why.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("litestream");

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
		String keys = cause.getUnboundProperties()
			.stream()
			.filter((property) -> PREFIX.isAncestorOf(property.getName()))
			.map(UnknownPropertyFailureAnalyzer::describe)
			.collect(Collectors.joining("\n"));
		if (keys.isEmpty()) {
			return null;
		}
		return new FailureAnalysis("These keys are no settings of Litestream for Spring Boot:\n\n" + keys,
				"Correct or remove them. A database is not replicated by settings that are not understood.", cause);
	}

	private static String describe(ConfigurationProperty property) {
		return "    " + property.getName() + ((property.getOrigin() != null) ? " (" + property.getOrigin() + ")" : "");
	}

}
