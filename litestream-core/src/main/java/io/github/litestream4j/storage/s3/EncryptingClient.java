package io.github.litestream4j.storage.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.RequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.Abortable;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Request;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

import static io.github.litestream4j.storage.s3.S3Failures.isOfEncryption;

/**
 * The Amazon S3 Encryption Client, made to fail as any other client does.
 * <p>
 * It hides what the store answers in exceptions of its own, drops the time-outs of
 * requests, and waits for its asynchronous client whatever interrupts it. So each request
 * is made by a thread that may be left waiting, and what the store said is what is
 * thrown. Exceptions of the library that remain are about keys and ciphertext.
 * <p>
 * The SDK sends no body twice: the cipher has gone on, and version 4.0.1 stores what
 * comes out of it then, which nobody can decrypt, and calls that a success. A file is
 * encrypted anew for another try; a part cannot be.
 */
final class EncryptingClient extends DelegatingS3Client {

	/** As often as the SDK tries by itself. */
	private static final int ATTEMPTS = 3;

	private static final ExecutorService THREADS = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "litestream-encryption");
		thread.setDaemon(true);
		return thread;
	});

	EncryptingClient(S3Client client) {
		super(client);
	}

	/**
	 * Whether a client is of that library, or passes its requests on to one that is.
	 */
	static boolean isBehind(SdkClient client) {
		return client.getClass().getName().startsWith(S3Failures.ENCRYPTION)
				|| (client instanceof DelegatingS3Client outer && isBehind(outer.delegate()));
	}

	@Override
	public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
		if (body.optionalContentLength().orElseThrow() == 0) {
			// Of one in twenty the library does not send the end
			throw new IllegalArgumentException("an empty file cannot be encrypted: " + request.key());
		}
		long end = System.nanoTime() + time(request).toNanos();
		PutObjectRequest within = request;
		for (int attempt = 1;; attempt++) {
			try {
				return super.putObject(within, onlyOnce(body));
			}
			catch (SdkClientException ex) {
				Optional<SdkClientException> first = firstFailure(ex);
				Duration left = Duration.ofNanos(end - System.nanoTime());
				if (first.isEmpty() || attempt == ATTEMPTS || left.isNegative()) {
					throw first.orElse(ex);
				}
				within = request.toBuilder().overrideConfiguration((settings) -> settings.apiCallTimeout(left)).build();
			}
		}
	}

	@Override
	public UploadPartResponse uploadPart(UploadPartRequest request, RequestBody body) {
		try {
			return super.uploadPart(request, onlyOnce(body));
		}
		catch (SdkClientException ex) {
			throw firstFailure(ex).orElse(ex);
		}
	}

	/**
	 * Where the SDK had nothing to send again, what counts is why it had to.
	 */
	private static Optional<SdkClientException> firstFailure(SdkClientException last) {
		for (Throwable cause = last; cause != null; cause = cause.getCause()) {
			Throwable[] before = cause.getSuppressed();
			if (before.length > 0 && (cause instanceof NonRetryableException || isOfEncryption(cause))) {
				SdkClientException first = SdkClientException.create(before[0].getMessage());
				first.addSuppressed(last);
				return Optional.of(first);
			}
		}
		return Optional.empty();
	}

	private static RequestBody onlyOnce(RequestBody body) {
		return RequestBody.fromContentProvider(() -> new OneWayStream(body.contentStreamProvider().newStream()),
				body.optionalContentLength().orElseThrow(), body.contentType());
	}

	@Override
	protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
		Duration time = time(request);
		CompletableFuture<R> answer = CompletableFuture.supplyAsync(() -> operation.apply(request), THREADS);
		try {
			return answer.get(time.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			forget(answer);
			throw ApiCallTimeoutException.create(time.toMillis());
		}
		catch (InterruptedException ex) {
			forget(answer);
			throw AbortedException.create("the thread was interrupted", ex);
		}
		catch (ExecutionException ex) {
			throw failure(Objects.requireNonNull(ex.getCause()));
		}
	}

	private static Duration time(S3Request request) {
		return request.overrideConfiguration()
			.flatMap(RequestOverrideConfiguration::apiCallTimeout)
			.orElseThrow(() -> new IllegalArgumentException("a request without a time-out: " + request));
	}

	/**
	 * An answer that comes too late may be a stream, which holds a connection.
	 */
	private static void forget(CompletableFuture<?> answer) {
		answer.thenAccept((late) -> {
			if (late instanceof Abortable stream) {
				stream.abort();
			}
		});
	}

	private static RuntimeException failure(Throwable thrown) {
		Throwable cause = thrown.getCause();
		// Only what is directly below is the answer: beneath another exception of the
		// library it may be that to a request of its own, as for an instruction file
		if (isOfEncryption(thrown) && !isOfEncryption(cause)
				&& (cause instanceof S3Exception || cause instanceof SdkClientException || passes(cause))) {
			return (RuntimeException) Objects.requireNonNull(cause);
		}
		if (thrown instanceof Error error) {
			throw error;
		}
		return (thrown instanceof RuntimeException exception) ? exception : new IllegalStateException(thrown);
	}

	/**
	 * Whether the service that keeps the key is ill or busy, which says nothing about the
	 * key.
	 */
	private static boolean passes(@Nullable Throwable cause) {
		return cause instanceof SdkServiceException service
				&& (service.statusCode() >= 500 || service.isThrottlingException());
	}

	/**
	 * Cannot be read again, as the SDK would for another try.
	 */
	private static final class OneWayStream extends FilterInputStream {

		OneWayStream(InputStream in) {
			super(in);
		}

		@Override
		public boolean markSupported() {
			return false;
		}

		@Override
		public void mark(int limit) {
			// nothing to come back to
		}

		@Override
		public void reset() throws IOException {
			throw new IOException("it is not sent twice");
		}

	}

}
