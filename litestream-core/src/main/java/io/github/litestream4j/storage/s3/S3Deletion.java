package io.github.litestream4j.storage.s3;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.litestream4j.StorageUnavailableException;
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

	void delete(List<String> keys) {
		for (int i = 0; i < keys.size(); i += BATCH) {
			deleteBatch(keys.subList(i, Math.min(i + BATCH, keys.size())));
		}
	}

	private void deleteBatch(List<String> keys) {
		if (keys.size() == 1 || this.batchesRefused) {
			keys.forEach(this::deleteOne);
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
			keys.forEach(this::deleteOne);
			// Only now: an expired token is answered with 400 too, by both requests.
			this.batchesRefused = true;
			return;
		}
		confirm(keys, response);
	}

	private void confirm(List<String> keys, DeleteObjectsResponse response) {
		Set<String> open = new HashSet<>(keys);
		for (DeletedObject deleted : response.deleted()) {
			open.remove(deleted.key());
		}
		List<S3Error> errors = new ArrayList<>();
		for (S3Error error : response.errors()) {
			if (open.remove(error.key()) && !"NoSuchKey".equals(error.code())) {
				errors.add(error);
			}
		}
		// Some stores answer 200 and neither delete nor say so.
		open.forEach(this::deleteOne);
		if (!errors.isEmpty()) {
			S3Error first = errors.get(0);
			throw new StorageUnavailableException("Could not delete " + errors.size() + " of " + urls(keys) + " ("
					+ first.key() + ": " + first.code() + ": " + first.message()
					+ "): check that the S3 client's credentials allow s3:DeleteObject");
		}
	}

	private void deleteOne(String key) {
		try {
			this.client.deleteObject(
					(request) -> request.bucket(this.bucket).key(key).overrideConfiguration(this.requests.small()));
		}
		catch (RuntimeException ex) {
			if (!"NoSuchKey".equals(S3Failures.code(ex))) {
				throw S3Failures.translate("delete", "s3://" + this.bucket + "/" + key, ex);
			}
		}
	}

	private String urls(List<String> keys) {
		return "s3://" + this.bucket + "/" + keys.get(0)
				+ ((keys.size() > 1) ? " and " + (keys.size() - 1) + " more" : "");
	}

}
