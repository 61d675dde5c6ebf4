package io.github.litestream4j.autoconfigure;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Gives the failures of the endpoint's operations their HTTP status.
 */
@EndpointWebExtension(endpoint = LitestreamEndpoint.class)
public final class LitestreamEndpointWebExtension {

	private static final Logger logger = LoggerFactory.getLogger(LitestreamEndpointWebExtension.class);

	private static final int CONFLICT = 409;

	private final LitestreamEndpoint endpoint;

	LitestreamEndpointWebExtension(LitestreamEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * What the replica of one database holds.
	 * @param database its name
	 * @param part {@code generations} or {@code snapshots}
	 * @param refresh whether to ask the storage
	 * @return 404 when there is no such database or part, 503 when the storage was asked
	 * and did not answer
	 */
	@ReadOperation
	public WebEndpointResponse<Object> contents(@Selector String database, @Selector String part,
			@Nullable Boolean refresh) {
		return answer(() -> this.endpoint.contents(database, part, refresh));
	}

	/**
	 * Do something for one database, and wait for it.
	 * @param database its name
	 * @param operation {@code snapshot}, {@code sync} or {@code verify}
	 * @return 404 when no database has that name, 400 when there is no such operation,
	 * 409 when another writer has the replica, 503 when the storage does not answer or
	 * replication is stopped
	 */
	@WriteOperation
	public WebEndpointResponse<Object> perform(@Selector String database, @Selector String operation) {
		return answer(() -> this.endpoint.perform(database, operation));
	}

	private static WebEndpointResponse<Object> answer(Operation operation) {
		try {
			Object result = operation.perform();
			return (result != null) ? new WebEndpointResponse<>(result)
					: new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (InvalidEndpointRequestException ex) {
			return failure(WebEndpointResponse.STATUS_BAD_REQUEST, ex);
		}
		catch (ConflictException ex) {
			return failure(CONFLICT, ex);
		}
		catch (StorageUnavailableException | ReplicationStoppedException | IllegalStateException ex) {
			return failure(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, ex);
		}
		catch (LitestreamException ex) {
			if (ex.getCause() instanceof InterruptedException) {
				// The web server does not wait for its requests any more
				return failure(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, ex);
			}
			logger.warn("An operation of the endpoint litestream failed", ex);
			return failure(WebEndpointResponse.STATUS_INTERNAL_SERVER_ERROR, ex);
		}
	}

	private static WebEndpointResponse<Object> failure(int status, RuntimeException ex) {
		return new WebEndpointResponse<>(new Failure(String.valueOf(ex.getMessage())), status);
	}

	private interface Operation {

		@Nullable Object perform();

	}

	/**
	 * Why an operation failed.
	 *
	 * @param error what failed, and what to do
	 */
	record Failure(String error) implements OperationResponseBody {

	}

}
