package io.github.litestream4j.storage.s3;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.RequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.Abortable;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Request;

import static io.github.litestream4j.storage.s3.S3Failures.isOfEncryption;

/**
 * The Amazon S3 Encryption Client, made to fail as any other client does.
 * <p>
 * It hides what the store answers in exceptions of its own, drops the time-outs of
 * requests, and waits for its asynchronous client whatever interrupts it. So each request
 * is made by a thread that may be left waiting, and what the store said is what is
 * thrown. Exceptions of the library that remain are about keys and ciphertext.
 */
final class EncryptingClient extends DelegatingS3Client {

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
	protected <T extends S3Request, R> R invokeOperation(T request, Function<T, R> operation) {
		Duration time = request.overrideConfiguration()
			.flatMap(RequestOverrideConfiguration::apiCallTimeout)
			.orElseThrow(() -> new IllegalArgumentException("a request without a time-out: " + request));
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
			throw failure(ex.getCause());
		}
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
				&& (cause instanceof S3Exception || cause instanceof SdkClientException)) {
			return (RuntimeException) cause;
		}
		if (thrown instanceof Error error) {
			throw error;
		}
		return (thrown instanceof RuntimeException exception) ? exception : new IllegalStateException(thrown);
	}

}
