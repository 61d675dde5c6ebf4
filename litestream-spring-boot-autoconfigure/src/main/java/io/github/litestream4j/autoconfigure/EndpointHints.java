package io.github.litestream4j.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * The endpoint's answers, which a native image must be able to write as JSON: what its
 * operations are declared to return does not name them.
 */
final class EndpointHints implements RuntimeHintsRegistrar {

	private final BindingReflectionHintsRegistrar bindings = new BindingReflectionHintsRegistrar();

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		this.bindings.registerReflectionHints(hints.reflection(), LitestreamEndpoint.Databases.class,
				DatabaseDescriptor.class, DatabaseDescriptor.Generation.class, DatabaseDescriptor.Snapshot.class,
				DatabaseDescriptor.Taken.class, DatabaseDescriptor.Synced.class, DatabaseDescriptor.Drill.class,
				LitestreamEndpointWebExtension.Failure.class);
	}

}
