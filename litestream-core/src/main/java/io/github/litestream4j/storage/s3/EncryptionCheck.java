package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.MetaDocument;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Proves with a small file of its own, before anything else is stored or read, that a
 * client which encrypts does so in the one way that a replica can stand on. Each of its
 * settings can make a write lose its condition, a range unreadable or a file nobody's,
 * and none of them can be asked for.
 */
final class EncryptionCheck {

	/** Below {@code meta/}; it also tells who looks at the bucket. */
	static final String NAME = "encryption.json";

	private static final byte[] CONTENT = MetaDocument.encode(Map.of("client", "software.amazon.encryption.s3"));

	private static final int FROM = 17;

	private static final int ATTEMPTS = 3;

	private final S3ReplicaStorage storage;

	private final S3Reads reads;

	private final String key;

	EncryptionCheck(S3ReplicaStorage storage, S3Reads reads, String key) {
		this.storage = storage;
		this.reads = reads;
		this.key = key;
	}

	/**
	 * Check.
	 * @throws ConfigurationException when the client, or its key, is not one for this
	 * replica
	 * @throws StorageUnavailableException when the store does not answer
	 */
	void run() {
		attempt("has " + this.key + " from another key, or another client: give it the key with which this replica "
				+ "was stored, or set another litestream.replica.url", () -> isThere() || begin() || isThere());
		attempt("cannot have ranges of its files read, as a restore needs it: set "
				+ "spring.cloud.aws.s3.encryption.enable-legacy-unauthenticated-modes=true, or "
				+ "enableLegacyUnauthenticatedModes(true) where the client is built", this::checkRange);
		if (put()) {
			throw refusal("may replace a file that it must not: a write lost its condition (If-None-Match)", null);
		}
		checkObject();
	}

	private boolean isThere() {
		return this.storage.readMeta(NAME).map((found) -> MetaDocument.decode(found, this.key)).isPresent();
	}

	/**
	 * What was stored without this client it cannot read.
	 */
	private boolean begin() {
		if (!this.storage.list(0).isEmpty() || !this.storage.list(LtxKey.SNAPSHOT_LEVEL).isEmpty()
				|| !this.storage.listMeta("generations").isEmpty() || !this.storage.listLegacy().isEmpty()) {
			throw refusal("has files that were stored without it: set another litestream.replica.url, where a new "
					+ "history begins, or use a client that does not encrypt", null);
		}
		return put();
	}

	private boolean put() {
		return attempt("cannot be written to on the condition that nothing is replaced: unset "
				+ "spring.cloud.aws.s3.encryption.enable-multipart-put-object, or enableMultipartPutObject where the "
				+ "client is built", () -> this.storage.putMetaIfAbsent(NAME, CONTENT));
	}

	private boolean checkRange() {
		byte[] expected = Arrays.copyOfRange(CONTENT, FROM, CONTENT.length);
		if (!Arrays.equals(readRange(expected.length), expected)) {
			throw refusal("gives other bytes for a range of a file than it stored there", null);
		}
		return true;
	}

	/**
	 * The library ends a range early whose first bytes come one by one: as everywhere, it
	 * is read again then.
	 */
	private byte[] readRange(int length) {
		for (int attempt = 1;; attempt++) {
			try (InputStream in = this.reads.read(this.key, FROM, length)) {
				return in.readAllBytes();
			}
			catch (IOException ex) {
				if (attempt == ATTEMPTS) {
					throw new StorageUnavailableException("Could not read " + this.key + " in " + this.storage.url()
							+ " (" + ex.getMessage() + "): it is worth another try later", ex);
				}
			}
		}
	}

	private void checkObject() {
		HeadObjectResponse object = this.reads.head(this.key, "look at")
			.orElseThrow(() -> this.reads.missing(this.key, null));
		long expected = ObjectForm.ENCRYPTED.objectLength(CONTENT.length);
		if (ObjectForm.of(object.metadata()) != ObjectForm.ENCRYPTED) {
			throw refusal("keeps the data's key apart from the data, in an instruction file, which two writers would "
					+ "take from each other: let it keep the key in the object's metadata, as it does by default",
					null);
		}
		if (object.contentLength() != expected) {
			throw refusal("makes an object of " + object.contentLength() + " bytes of " + CONTENT.length
					+ ", and not of " + expected + ", as AES-GCM does: use the library's default algorithm", null);
		}
	}

	private <T> T attempt(String problem, Supplier<T> step) {
		try {
			return step.get();
		}
		catch (StorageUnavailableException ex) {
			if (S3Failures.isOfEncryption(ex.getCause())) {
				throw refusal(problem, ex);
			}
			throw ex;
		}
	}

	private ConfigurationException refusal(String problem, @Nullable Exception cause) {
		return new ConfigurationException("the replica " + this.storage.url()
				+ " is stored through an S3Client that encrypts (the Amazon S3 Encryption Client), and " + problem,
				cause);
	}

}
