package io.github.litestream4j.autoconfigure;

import java.util.function.Supplier;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;

/**
 * Answers 404 to the endpoint's operations as long as access to it is read-only. The
 * actuator maps none of them then, but what can be read has the same paths, so that
 * Spring MVC by itself would say 405, and with it that there may be something.
 */
final class WithheldOperations extends AbstractHandlerMapping {

	/** Before the actuator's own mapping, which has -100. */
	private static final int ORDER = -101;

	private static final HttpRequestHandler NOT_FOUND = (request, response) -> response
		.sendError(HttpServletResponse.SC_NOT_FOUND);

	private final Supplier<@Nullable String> path;

	/**
	 * Create the mapping.
	 * @param path the endpoint's path; {@code null} when it has none
	 */
	WithheldOperations(Supplier<@Nullable String> path) {
		this.path = path;
		setOrder(ORDER);
	}

	@Override
	protected @Nullable Object getHandlerInternal(HttpServletRequest request) {
		if (!HttpMethod.POST.matches(request.getMethod())) {
			return null;
		}
		String endpoint = this.path.get();
		return (endpoint != null && initLookupPath(request).startsWith(endpoint + "/")) ? NOT_FOUND : null;
	}

}
