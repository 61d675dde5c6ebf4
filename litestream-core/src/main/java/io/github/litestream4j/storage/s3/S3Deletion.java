package io.github.litestream4j.storage.s3;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.litestream4j.StorageUnavailableException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * Deletes objects, many by one request where the store takes that, and one by one what it
 * did not take or did not confirm.
 */
final class S3Deletion {

	/** The most keys that one request may have. */
	private static final int BATCH = 1_000;

	/** How many a message names. */
	private static final int NAMED = 20;

	private static final String GONE = "NoSuchKey";

	/** What stores answer that do not know the request, or want another checksum. */
	private static final Set<Integer> REFUSALS = Set.of(400, 405, 411, 501);

	private final S3Client client;

	private final String bucket;

	private final S3Requests requests;

	private volatile boolean batchesRefused;

	S3Deletion(S3Client client, String bucket, S3Requests requests) {
		this.client = client;
		this.bucket = bucket;
		this.requests = requests;
	}

	/**
	 * Delete objects. What the store refuses for one of them does not keep the others
	 * from being deleted.
	 * @param keys which objects
	 * @throws StorageUnavailableException when one is not deleted; it names each
	 */
	void delete(List<String> keys) {
		Map<String, String> refused = new LinkedHashMap<>();
		for (int i = 0; i < keys.size(); i += BATCH) {
			deleteBatch(keys.subList(i, Math.min(i + BATCH, keys.size())), refused);
		}
		if (!refused.isEmpty()) {
			throw failure(keys.size(), refused);
		}
	}

	private void deleteBatch(List<String> keys, Map<String, String> refused) {
		if (keys.size() == 1 || this.batchesRefused) {
			keys.forEach((key) -> deleteOne(key, refused));
			return;
		}
		DeleteObjectsResponse response;
		try {
			response = this.client.deleteObjects((request) -> request.bucket(this.bucket)
				.delete((delete) -> delete
					.objects(keys.stream().map((key) -> ObjectIdentifier.builder().key(key).build()).toList()))
				.overrideConfiguration(this.requests.deletion()));
		}
		catch (RuntimeException ex) {
			if (!REFUSALS.contains(S3Failures.status(ex))) {
				throw S3Failures.translate("delete", urls(keys), ex);
			}
			int before = refused.size();
			keys.forEach((key) -> deleteOne(key, refused));
			// Only now: an expired token is answered with 400 too, by both requests.
			this.batchesRefused = refused.size() - before < keys.size();
			return;
		}
		confirm(keys, response, refused);
	}

	private void confirm(List<String> keys, DeleteObjectsResponse response, Map<String, String> refused) {
		Set<String> open = new LinkedHashSet<>(keys);
		for (DeletedObject deleted : response.deleted()) {
			open.remove(deleted.key());
		}
		for (S3Error error : response.errors()) {
			if (open.remove(error.key()) && !GONE.equals(error.code())) {
				refused.put(error.key(), error.code() + ": " + error.message());
			}
		}
		// Some stores answer 200 and neither delete nor say so.
		open.forEach((key) -> deleteOne(key, refused));
	}

	private void deleteOne(String key, Map<String, String> refused) {
		try {
			this.client.deleteObject(
					(request) -> request.bucket(this.bucket).key(key).overrideConfiguration(this.requests.small()));
		}
		catch (RuntimeException ex) {
			String code = S3Failures.code(ex);
			if (code.isEmpty()) {
				// No answer at all: the others would each wait for one, too
				throw S3Failures.translate("delete", "s3://" + this.bucket + "/" + key, ex);
			}
			if (!GONE.equals(code)) {
				refused.put(key, code + ": " + ((AwsServiceException) ex).awsErrorDetails().errorMessage());
			}
		}
	}

	private StorageUnavailableException failure(int all, Map<String, String> refused) {
		String named = refused.entrySet()
			.stream()
			.limit(NAMED)
			.map((entry) -> entry.getKey() + ": " + entry.getValue())
			.collect(Collectors.joining("; "));
		return new StorageUnavailableException("Could not delete %d of %d objects in s3://%s (%s%s). %s".formatted(
				refused.size(), all, this.bucket, named,
				(refused.size() > NAMED) ? "; and " + (refused.size() - NAMED) + " more" : "",
				(refused.size() < all) ? "The others are deleted. " : "")
				+ "Check that the S3 client's credentials allow s3:DeleteObject, and that nothing locks the objects");
	}

	private String urls(List<String> keys) {
		return "s3://" + this.bucket + "/" + keys.get(0)
				+ ((keys.size() > 1) ? " and " + (keys.size() - 1) + " more" : "");
	}

}
