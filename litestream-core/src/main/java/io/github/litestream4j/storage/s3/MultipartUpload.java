package io.github.litestream4j.storage.s3;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

import org.jspecify.annotations.Nullable;

/**
 * Stores what is written to it as one object: in parts, some of them under way while the
 * next is filled, or at one go when it is no longer than a part. Nothing is there before
 * {@link #complete()}.
 * <p>
 * One thread writes. It holds one part's bytes more than there are parts in flight.
 */
final class MultipartUpload extends OutputStream {

	private static final int FIRST_BUFFER = 1 << 16;

	private final S3Client client;

	private final S3Limits limits;

	private final Target target;

	private final IntUnaryOperator partSizes;

	private final Semaphore slots;

	private final Queue<byte[]> freeBuffers = new ConcurrentLinkedQueue<>();

	private final List<CompletedPart> parts = new ArrayList<>();

	private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

	private final byte[] one = new byte[1];

	private byte[] buffer = new byte[0];

	private int filled;

	private int number = 1;

	private long length;

	private @Nullable String uploadId;

	private @Nullable ExecutorService senders;

	MultipartUpload(S3Client client, S3Limits limits, Target target, IntUnaryOperator partSizes) {
		this.client = client;
		this.limits = limits;
		this.target = target;
		this.partSizes = partSizes;
		this.slots = new Semaphore(limits.partsInFlight());
	}

	@Override
	public void write(int value) {
		this.one[0] = (byte) value;
		write(this.one, 0, 1);
	}

	@Override
	public void write(byte[] bytes, int offset, int count) {
		Objects.checkFromIndexSize(offset, count, bytes.length);
		int done = 0;
		while (done < count) {
			int size = this.partSizes.applyAsInt(this.number);
			if (this.filled == size) {
				sendPart(false);
				continue;
			}
			makeRoom(size, count - done);
			int step = Math.min(count - done, this.buffer.length - this.filled);
			System.arraycopy(bytes, offset + done, this.buffer, this.filled, step);
			this.filled += step;
			done += step;
		}
		this.length += count;
	}

	/**
	 * Small files are many: a buffer grows up to a part's size as it is needed.
	 */
	private void makeRoom(int size, int wanted) {
		if (this.buffer.length > this.filled) {
			return;
		}
		byte[] free = (this.filled == 0) ? this.freeBuffers.poll() : null;
		if (free != null && free.length == size) {
			this.buffer = free;
			return;
		}
		long grown = Math.max(Math.max(FIRST_BUFFER, this.filled * 2L), (long) this.filled + wanted);
		this.buffer = Arrays.copyOf(this.buffer, (int) Math.min(size, (this.uploadId != null) ? size : grown));
	}

	private void sendPart(boolean last) {
		throwFailure();
		if (this.number > S3Limits.MOST_PARTS) {
			throw new LitestreamException(
					"Could not store " + this.target.url() + ": it has more than " + (this.length + this.filled)
							+ " bytes, and S3 takes no more than " + S3Limits.MOST_PARTS + " parts");
		}
		if (this.uploadId == null) {
			this.uploadId = create();
			this.senders = Executors.newFixedThreadPool(this.limits.partsInFlight(), (task) -> {
				Thread thread = new Thread(task, "litestream-upload");
				thread.setDaemon(true);
				return thread;
			});
		}
		byte[] bytes = this.buffer;
		int count = this.filled;
		int partNumber = this.number++;
		this.buffer = new byte[0];
		this.filled = 0;
		acquire(1);
		Objects.requireNonNull(this.senders).execute(() -> {
			try {
				send(partNumber, bytes, count, last);
				this.freeBuffers.add(bytes);
			}
			catch (RuntimeException ex) {
				this.failure.compareAndSet(null,
						S3Failures.translate("store part " + partNumber + " of", this.target.url(), ex));
			}
			finally {
				this.slots.release();
			}
		});
		throwFailure();
	}

	private String create() {
		return S3Failures
			.call("begin the upload of", this.target.url(),
					() -> this.client.createMultipartUpload((request) -> request.bucket(this.target.bucket())
						.key(this.target.key())
						.contentType(RepeatableBody.TYPE)
						.metadata(this.target.metadata())
						.overrideConfiguration(requests().small())).uploadId());
	}

	private void send(int partNumber, byte[] bytes, int count, boolean last) {
		String tag = this.client
			.uploadPart((request) -> request.bucket(this.target.bucket())
				.key(this.target.key())
				.uploadId(this.uploadId)
				.partNumber(partNumber)
				.sdkPartType(this.target.form().partType(last))
				.overrideConfiguration(requests().within(this.limits.timeout(count))), body(bytes, count))
			.eTag();
		synchronized (this.parts) {
			this.parts.add(CompletedPart.builder().partNumber(partNumber).eTag(tag).build());
		}
	}

	/**
	 * Make the object appear. The caller deals with exceptions of the SDK that say that a
	 * condition does not hold; after any exception it calls {@link #abort}.
	 * @return the length of the object
	 */
	long complete() {
		if (this.uploadId == null) {
			this.client.putObject(
					(request) -> request.bucket(this.target.bucket())
						.key(this.target.key())
						.metadata(this.target.metadata())
						.ifNoneMatch(this.target.condition())
						.overrideConfiguration(requests().within(this.limits.timeout(this.filled))),
					body(this.buffer, this.filled));
			return this.length;
		}
		if (this.filled > 0) {
			sendPart(true);
		}
		acquire(this.limits.partsInFlight());
		throwFailure();
		List<CompletedPart> ordered;
		synchronized (this.parts) {
			ordered = this.parts.stream().sorted(Comparator.comparing(CompletedPart::partNumber)).toList();
		}
		// A store may join the parts only now.
		Duration time = this.limits.timeout(this.length / 8);
		this.client.completeMultipartUpload((request) -> request.bucket(this.target.bucket())
			.key(this.target.key())
			.uploadId(this.uploadId)
			.multipartUpload((upload) -> upload.parts(ordered))
			.ifNoneMatch(this.target.condition())
			.overrideConfiguration(requests().within(time)));
		Objects.requireNonNull(this.senders).shutdown();
		return this.length;
	}

	/**
	 * Give the upload up, so that the store keeps no parts of it.
	 * @param cause why; gets what goes wrong here as suppressed
	 */
	void abort(Throwable cause) {
		ExecutorService running = this.senders;
		if (running == null) {
			return;
		}
		// An interrupted thread may still tidy up: within the time of two small requests.
		boolean interrupted = Thread.interrupted();
		try {
			running.shutdownNow();
			// A part that is stored after the abort would stay for ever.
			running.awaitTermination(this.limits.timeout().toMillis(), TimeUnit.MILLISECONDS);
			this.client.abortMultipartUpload((request) -> request.bucket(this.target.bucket())
				.key(this.target.key())
				.uploadId(this.uploadId)
				.overrideConfiguration(requests().small()));
		}
		catch (InterruptedException ex) {
			interrupted = true;
			cause.addSuppressed(ex);
		}
		catch (RuntimeException ex) {
			cause.addSuppressed(S3Failures.translate("give up the upload of", this.target.url(), ex));
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void acquire(int count) {
		try {
			this.slots.acquire(count);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new StorageUnavailableException(
					"Could not store " + this.target.url() + ": the thread was interrupted", ex);
		}
	}

	private void throwFailure() {
		RuntimeException failed = this.failure.get();
		if (failed != null) {
			throw failed;
		}
	}

	private S3Requests requests() {
		return new S3Requests(this.limits.timeout());
	}

	private static RequestBody body(byte[] bytes, int count) {
		return RequestBody.fromContentProvider(() -> new ByteArrayInputStream(bytes, 0, count), count,
				RepeatableBody.TYPE);
	}

	/**
	 * What is to be stored where.
	 *
	 * @param bucket the bucket
	 * @param key the object's key
	 * @param metadata the object's metadata
	 * @param form what the client makes of it
	 * @param onlyIfAbsent whether an object of that key must not be replaced
	 */
	record Target(String bucket, String key, Map<String, String> metadata, ObjectForm form, boolean onlyIfAbsent) {

		String url() {
			return "s3://" + this.bucket + "/" + this.key;
		}

		@Nullable String condition() {
			return this.onlyIfAbsent ? "*" : null;
		}

	}

}
