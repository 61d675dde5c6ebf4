package io.github.litestream4j.storage.s3;

import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

import javax.crypto.AEADBadTagException;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

import org.jspecify.annotations.Nullable;

/**
 * Says what went wrong with a request, and what to do about it.
 */
final class S3Failures {

	/** The library is the application's, and may not be there. */
	static final String ENCRYPTION = "software.amazon.encryption.s3.";

	private static final String BUSY = "the store asks for fewer requests: it is worth another try later";

	private S3Failures() {
	}

	/**
	 * Make a request whose failures need no other treatment.
	 * @param operation what it does, as "list" or "store"
	 * @param url to what
	 * @param request makes it
	 * @return its answer
	 */
	static <T> T call(String operation, String url, Supplier<T> request) {
		try {
			return request.get();
		}
		catch (RuntimeException ex) {
			throw translate(operation, url, ex);
		}
	}

	/**
	 * The exception to throw for one of the SDK, whose interrupt is given back to the
	 * thread. Others are returned as they are.
	 */
	static RuntimeException translate(String operation, String url, RuntimeException ex) {
		if (!isOfRequest(ex)) {
			return ex;
		}
		if (isInterrupt(ex)) {
			Thread.currentThread().interrupt();
		}
		if (isTagMismatch(ex)) {
			return new CorruptDataException(
					"%s is damaged, or was changed by somebody without its key (%s)".formatted(url, found(ex)), ex);
		}
		return new StorageUnavailableException(
				"Could not " + operation + " " + url + " (" + found(ex) + "): " + remedy(ex), ex);
	}

	static int status(RuntimeException ex) {
		return (ex instanceof SdkServiceException service) ? service.statusCode() : 0;
	}

	/**
	 * The store's name for an error, empty when it gave none.
	 */
	static String code(RuntimeException ex) {
		String code = (ex instanceof AwsServiceException service && service.awsErrorDetails() != null)
				? service.awsErrorDetails().errorCode() : null;
		return (code != null) ? code : "";
	}

	/**
	 * Whether an exception is one of the Amazon S3 Encryption Client.
	 */
	static boolean isOfEncryption(@Nullable Throwable thrown) {
		return thrown != null && thrown.getClass().getName().startsWith(ENCRYPTION);
	}

	/**
	 * Whether what was decrypted is not what was encrypted. The same below an exception
	 * of the library is about the data's key, which another key does not open.
	 */
	private static boolean isTagMismatch(RuntimeException ex) {
		for (Throwable holder = ex; holder != null; holder = holder.getCause()) {
			if (holder.getCause() instanceof AEADBadTagException && !isOfEncryption(holder)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isOfRequest(RuntimeException ex) {
		// The last but one are those of a closed client; as the last, what an
		// asynchronous
		// stream may not throw comes out of it, an interrupt for one.
		return ex instanceof SdkException || ex instanceof UncheckedIOException || ex instanceof IllegalStateException
				|| ex instanceof RejectedExecutionException || ex.getClass() == RuntimeException.class;
	}

	private static boolean isInterrupt(RuntimeException ex) {
		if (ex instanceof ApiCallTimeoutException || ex instanceof ApiCallAttemptTimeoutException) {
			// The SDK interrupts the thread itself to end these.
			return false;
		}
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			if (cause instanceof AbortedException || cause instanceof InterruptedException) {
				return true;
			}
		}
		return false;
	}

	private static String found(RuntimeException ex) {
		if (ex instanceof AwsServiceException service) {
			String message = (service.awsErrorDetails() != null) ? service.awsErrorDetails().errorMessage() : null;
			return ("status " + service.statusCode() + " " + code(ex)).strip()
					+ ((message != null && !message.isBlank()) ? ": " + message : "");
		}
		return ex.getClass().getSimpleName() + ": " + ex.getMessage() + rootCause(ex);
	}

	private static String rootCause(RuntimeException ex) {
		@Nullable Throwable root = ex.getCause();
		while (root != null && root.getCause() != null) {
			root = root.getCause();
		}
		return (root == null || String.valueOf(ex.getMessage()).contains(String.valueOf(root.getMessage()))) ? ""
				: "; " + root.getClass().getSimpleName() + ": " + root.getMessage();
	}

	private static String remedy(RuntimeException ex) {
		if (isInterrupt(ex)) {
			return "the thread was interrupted";
		}
		if (isOfEncryption(ex)) {
			return "check the key and the settings of the S3 client, which encrypts; what was stored without it, or with another key, cannot be read through it";
		}
		if (ex instanceof SdkServiceException service && service.isThrottlingException()) {
			return BUSY;
		}
		return switch (status(ex)) {
			case 0 -> (ex instanceof SdkException) ? "check the S3 client's endpoint, its credentials and the network"
					: "check that the S3 client is open and the content can be read";
			case 301, 307, 308 -> "the bucket is elsewhere: set the S3 client's region and endpoint to the bucket's";
			case 400 -> "check the S3 client's region, endpoint and credentials";
			case 401, 403 -> "check the S3 client's credentials and this machine's clock, and allow them s3:ListBucket "
					+ "on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject on its keys";
			case 404 -> "create the bucket, or correct the replica's URL or the S3 client's endpoint";
			case 405, 501 -> "the store does not know this kind of request: use one that takes conditional writes "
					+ "(If-None-Match)";
			case 416 -> "the object is shorter than it was listed: it was replaced or cut";
			case 429, 503 -> BUSY;
			default -> "the store failed: it is worth another try later";
		};
	}

}
