package io.github.litestream4j.torture;

/**
 * What can happen to a request on its way to the store and back.
 */
enum FaultKind {

	/** It takes long. */
	LATENCY,

	/** 429 instead of an answer. */
	TOO_MANY_REQUESTS,

	/** 500 instead of an answer. */
	INTERNAL_ERROR,

	/** 503 instead of an answer. */
	UNAVAILABLE,

	/** It is done, and 500 is answered. */
	LOST_ANSWER,

	/** It is done, and the connection is reset within the answer. */
	RESET_IN_ANSWER,

	/** The connection is reset within the request's body. */
	HALF_REQUEST,

	/** Silence on an open connection. */
	STALL,

	/** A listing is answered as it was a while ago. */
	STALE_LISTING,

	/** 500 instead of a listing. */
	LISTING_ERROR;

	/** What happens in the application's own process, to the calls of a folder. */
	static final String FAILING_FOLDER = "FAILING_FOLDER";

}
