package io.github.litestream4j.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.ChecksumText;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ExactInputStream;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LegacyFile;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.MetaName;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.ReplicaUrl;
import io.github.litestream4j.storage.StoredFile;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

import org.jspecify.annotations.Nullable;

/**
 * A replica in an S3 bucket, as Litestream lays it out:
 * {@code <prefix>/<level, 4 hex digits>/<name>}, with files of our own in
 * {@code <prefix>/meta/}. A file's time is in its metadata {@code litestream-timestamp}.
 * With an empty prefix keys begin with the level; Litestream itself looks elsewhere then,
 * so give a prefix to a replica that its tools are to read.
 * <p>
 * The client is its owner's: it is used as it is and never closed, only that request
 * bodies are sent plainly (see {@link S3Requests}). Each request ends within 30 seconds,
 * or in a time that grows with its body, the client's own retries included. Those bounds
 * end with the headers of a file that is read: how long a read of its stream may stall is
 * the socket time-out of the client's HTTP client, 30 seconds unless its owner changed
 * it. An interrupt is seen between steps; a thread that waits for an answer of the store
 * goes on waiting until that bound.
 * <p>
 * A store that takes no conditional writes ({@code If-None-Match}) is reported when it
 * refuses one. One that takes them and does not honour them cannot be told from a good
 * one.
 */
public final class S3ReplicaStorage implements ReplicaStorage {

	private static final String TIMESTAMP = "litestream-timestamp";

	/** Ours: Litestream passes it over. */
	private static final String CHECKSUM = "litestream4j-database-checksum";

	private final S3Client client;

	private final ReplicaUrl.S3 place;

	private final S3Limits limits;

	private final S3Requests requests;

	private final S3Listing listing;

	private final S3Deletion deletion;

	private final S3Reads reads;

	private final ObjectForm form;

	/**
	 * A replica in a bucket. Nothing is requested yet.
	 * @param client the client, which stays open as long as this is used
	 * @param bucket the bucket, which is there
	 * @param prefix what stands before each key, without slashes at its ends; may be
	 * empty
	 */
	public S3ReplicaStorage(S3Client client, String bucket, String prefix) {
		this(client, bucket, prefix, S3Limits.DEFAULT);
	}

	S3ReplicaStorage(S3Client client, String bucket, String prefix, S3Limits limits) {
		this.form = EncryptingClient.isBehind(client) ? ObjectForm.ENCRYPTED : ObjectForm.PLAIN;
		this.client = (this.form == ObjectForm.ENCRYPTED) ? new EncryptingClient(client) : client;
		this.place = new ReplicaUrl.S3(bucket, prefix);
		this.limits = (this.form == ObjectForm.ENCRYPTED) ? limits.inSequence() : limits;
		this.requests = new S3Requests(limits.timeout());
		this.listing = new S3Listing(this.client, bucket, this.requests, this.form);
		this.deletion = new S3Deletion(this.client, bucket, this.requests);
		this.reads = new S3Reads(this.client, bucket, this.requests, this.form);
	}

	/**
	 * A replica in a bucket. Where the client encrypts what it stores (the Amazon S3
	 * Encryption Client), some requests prove that it does so as a replica needs it, and
	 * the first of them stores a small file.
	 * @param client the client, which stays open as long as this is used
	 * @param bucket the bucket, which is there
	 * @param prefix what stands before each key, without slashes at its ends; may be
	 * empty
	 * @return the replica
	 * @throws ConfigurationException when a replica cannot be stored through that client,
	 * or not this one
	 */
	public static S3ReplicaStorage open(S3Client client, String bucket, String prefix) {
		S3ReplicaStorage storage = new S3ReplicaStorage(client, bucket, prefix);
		storage.checkEncryption();
		return storage;
	}

	/**
	 * Prove that a client that encrypts is one for this replica.
	 */
	void checkEncryption() {
		if (this.form == ObjectForm.ENCRYPTED) {
			new EncryptionCheck(this, this.reads, metaKey(EncryptionCheck.NAME)).run();
		}
	}

	@Override
	public List<StoredFile> list(int level) {
		if (level < 0 || level > LtxKey.SNAPSHOT_LEVEL) {
			throw new IllegalArgumentException("a level is 0 to " + LtxKey.SNAPSHOT_LEVEL + ", not " + level);
		}
		return this.listing.list(level, folder(level));
	}

	@Override
	public Instant timestamp(StoredFile file) {
		String key = key(file.key());
		HeadObjectResponse head = this.reads.head(key, "read the time of")
			.orElseThrow(() -> this.reads.missing(key, null));
		return metadata(head, TIMESTAMP).flatMap(S3ReplicaStorage::parse).orElseGet(head::lastModified);
	}

	private static Optional<String> metadata(HeadObjectResponse head, String name) {
		return head.metadata()
			.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().equalsIgnoreCase(name))
			.map(Map.Entry::getValue)
			.findFirst();
	}

	/**
	 * What cannot be read counts as not there, as it does for Litestream: both must
	 * restore the same.
	 */
	private static Optional<Instant> parse(String timestamp) {
		try {
			return Optional.of(OffsetDateTime.parse(timestamp).toInstant());
		}
		catch (DateTimeParseException ex) {
			return Optional.empty();
		}
	}

	@Override
	public InputStream read(LtxKey file, long offset, long length) {
		if (offset < 0 || length < 0) {
			throw new IllegalArgumentException("no range: " + length + " bytes at " + offset + " of " + file);
		}
		return this.reads.read(key(file), offset, length);
	}

	@Override
	public List<LegacyFile> listLegacy() {
		return this.listing.legacy(below(LegacyFile.FOLDER + "/"));
	}

	@Override
	public InputStream readLegacy(LegacyFile file, long offset) {
		if (offset < 0 || offset > file.size()) {
			throw new IllegalArgumentException("no byte " + offset + " in " + file + " of " + file.size());
		}
		return this.reads.read(below(file.path()), offset, file.size() - offset);
	}

	@Override
	public OptionalLong databaseChecksum(StoredFile file) {
		String key = key(file.key());
		HeadObjectResponse head = this.reads.head(key, "read the checksum of")
			.orElseThrow(() -> this.reads.missing(key, null));
		Optional<String> stored = metadata(head, CHECKSUM);
		if (stored.isPresent()) {
			return ChecksumText.parse(stored.get(), "the metadata " + CHECKSUM + " of " + url(key));
		}
		String name = ChecksumText.metaName(file.key());
		return ChecksumText.find(readMeta(name), url(metaKey(name)));
	}

	@Override
	public void putDatabaseChecksum(LtxKey file, long checksum) {
		replaceMeta(metaKey(ChecksumText.metaName(file)), ChecksumText.bytes(checksum));
	}

	/**
	 * A checksum that a former object of the key left. It is emptied, which needs no
	 * right to delete, before the object appears: nothing stores the two in one step.
	 */
	private void forgetChecksum(LtxKey file) {
		String key = metaKey(ChecksumText.metaName(file));
		byte[] none = this.form.noChecksum();
		if (this.reads.head(key, "look for")
			.filter((found) -> !Long.valueOf(this.form.objectLength(none.length)).equals(found.contentLength()))
			.isPresent()) {
			replaceMeta(key, none);
		}
	}

	private void replaceMeta(String key, byte[] content) {
		S3Failures.call("store", url(key), () -> this.client.putObject(
				(request) -> request.bucket(this.place.bucket()).key(key).overrideConfiguration(this.requests.small()),
				RequestBody.fromBytes(content)));
	}

	@Override
	public boolean putIfAbsent(LtxKey file, Content content, FileAttributes attributes) {
		if (attributes.databaseChecksum().isEmpty() && file.level() > 0
				&& this.reads.head(key(file), "look for").isEmpty()) {
			forgetChecksum(file);
		}
		Map<String, String> metadata = new HashMap<>(metadata(attributes.timestamp()));
		attributes.databaseChecksum().ifPresent((checksum) -> metadata.put(CHECKSUM, ChecksumText.of(checksum)));
		return putIfAbsent(key(file), content, Map.copyOf(metadata));
	}

	private boolean putIfAbsent(String key, Content content, Map<String, String> metadata) {
		ConditionalWrite write = new ConditionalWrite(this.limits.attempts(), url(key));
		MultipartUpload.Target target = new MultipartUpload.Target(this.place.bucket(), key, metadata, this.form, true);
		if (content.length() >= this.limits.multipartFrom()) {
			// A second try of a long file whose answer was lost should not send it again.
			if (this.reads.head(key, "look for").isPresent()) {
				return false;
			}
			int partSize = this.limits.partSizeOf(content.length());
			return write.run(() -> upload(target, (number) -> partSize, (out) -> {
				try (InputStream in = content.open()) {
					new ExactInputStream(in, content.length(), "the content of " + url(key)).transferTo(out);
				}
			}));
		}
		return write.run(() -> {
			try (RepeatableBody body = new RepeatableBody(content, "the content of " + url(key))) {
				this.client.putObject(
						(request) -> request.bucket(this.place.bucket())
							.key(key)
							.metadata(metadata)
							.ifNoneMatch("*")
							.overrideConfiguration(this.requests.within(this.limits.timeout(content.length()))),
						body.request());
			}
		});
	}

	@Override
	public long put(LtxKey file, Instant timestamp, BodyWriter body) {
		String key = key(file);
		forgetChecksum(file);
		MultipartUpload.Target target = new MultipartUpload.Target(this.place.bucket(), key, metadata(timestamp),
				this.form, false);
		return upload(target, this.limits::partSize, body);
	}

	private long upload(MultipartUpload.Target target, IntUnaryOperator partSizes, BodyWriter body) {
		MultipartUpload upload = new MultipartUpload(this.client, this.limits, target, partSizes);
		try {
			body.writeTo(upload);
			return target.onlyIfAbsent() ? upload.complete() : S3Failures.call("store", target.url(), upload::complete);
		}
		catch (IOException ex) {
			StorageUnavailableException failure = new StorageUnavailableException(
					"Could not store " + target.url() + " (its content could not be read: " + ex + ")", ex);
			upload.abort(failure);
			throw failure;
		}
		catch (RuntimeException | Error ex) {
			upload.abort(ex);
			throw ex;
		}
	}

	@Override
	public void delete(Collection<LtxKey> files) {
		// Those of level 0 have it in their metadata: it was known before their first
		// byte
		Stream<String> checksums = files.stream()
			.filter((file) -> file.level() > 0)
			.map((file) -> metaKey(ChecksumText.metaName(file)));
		this.deletion.delete(Stream.concat(files.stream().map(this::key), checksums).distinct().toList());
	}

	@Override
	public Optional<byte[]> readMeta(String name) {
		return this.reads.readAll(metaKey(name));
	}

	@Override
	public boolean putMetaIfAbsent(String name, byte[] content) {
		return putIfAbsent(metaKey(name), Content.of(content), Map.of());
	}

	@Override
	public List<String> listMeta(String folder) {
		return this.listing.names(metaKey(folder) + "/").stream().filter(MetaName::isSimple).toList();
	}

	@Override
	public String url() {
		return this.place.toString();
	}

	@Override
	public String toString() {
		return url();
	}

	private String folder(int level) {
		return below(String.format(Locale.ROOT, "%04x/", level));
	}

	private String key(LtxKey file) {
		return folder(file.level()) + file.name();
	}

	private String metaKey(String name) {
		return below("meta/" + MetaName.check(name));
	}

	private String below(String name) {
		return this.place.prefix().isEmpty() ? name : this.place.prefix() + "/" + name;
	}

	private String url(String key) {
		return "s3://" + this.place.bucket() + "/" + key;
	}

	private static Map<String, String> metadata(Instant timestamp) {
		return Map.of(TIMESTAMP, timestamp.toString());
	}

}
