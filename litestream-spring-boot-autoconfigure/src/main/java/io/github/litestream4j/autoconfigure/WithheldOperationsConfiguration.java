package io.github.litestream4j.autoconfigure;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.DispatcherServlet;

/**
 * What the endpoint needs of Spring MVC, in the context of the actuator's web server.
 */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
@ConditionalOnBean({ LitestreamEndpoint.class, EndpointAccessResolver.class, PathMappedEndpoints.class })
class WithheldOperationsConfiguration {

	@Bean
	WithheldOperations litestreamWithheldOperations(EndpointAccessResolver resolver, PathMappedEndpoints endpoints) {
		EndpointId id = EndpointId.of("litestream");
		boolean readOnly = resolver.accessFor(id, Access.READ_ONLY) != Access.UNRESTRICTED;
		return new WithheldOperations(() -> readOnly ? endpoints.getPath(id) : null);
	}

}
