package io.github.litestream4j.storage.s3;

import java.io.InputStream;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Reads objects of one bucket.
 */
final class S3Reads {

	private final S3Client client;

	private final String bucket;

	private final S3Requests requests;

	private final ObjectForm form;

	S3Reads(S3Client client, String bucket, S3Requests requests, ObjectForm form) {
		this.client = client;
		this.bucket = bucket;
		this.requests = requests;
		this.form = form;
	}

	/**
	 * What the store knows of an object.
	 * @param key its key
	 * @param purpose what this is for, as "read the time of"
	 * @return empty only when the store said that there is none
	 */
	Optional<HeadObjectResponse> head(String key, String purpose) {
		try {
			return Optional.of(this.client.headObject(
					(request) -> request.bucket(this.bucket).key(key).overrideConfiguration(this.requests.small())));
		}
		catch (RuntimeException ex) {
			// No body, hence no code: whether the bucket is there the next request will
			// tell.
			if (S3Failures.status(ex) == 404) {
				return Optional.empty();
			}
			throw S3Failures.translate(purpose, url(key), ex);
		}
	}

	/**
	 * A range of an object's content.
	 * @param key its key
	 * @param offset the first byte
	 * @param length how many bytes
	 * @return the bytes, to be closed
	 * @throws MissingFileException when there is no such object
	 */
	InputStream read(String key, long offset, long length) {
		if (length == 0) {
			return InputStream.nullInputStream();
		}
		String range = "bytes=" + offset + "-" + (offset + length - 1);
		ResponseInputStream<GetObjectResponse> response;
		try {
			response = this.client.getObject(get(key).range(range).build());
		}
		catch (RuntimeException ex) {
			if (S3Failures.code(ex).equals("NoSuchKey")) {
				throw missing(key, ex);
			}
			throw S3Failures.translate("read " + range + " of", url(key), ex);
		}
		try {
			check(key, response.response());
			String found = response.response().contentRange();
			if (!this.form.isAnswer(found, offset)) {
				throw new StorageUnavailableException("Could not read " + range + " of " + url(key)
						+ " (the store answered with the range '" + found + "'): it must support ranges");
			}
		}
		catch (RuntimeException ex) {
			response.abort();
			throw ex;
		}
		return new S3ObjectStream(response, length, url(key));
	}

	/**
	 * All of a small object's content.
	 * @param key its key
	 * @return the bytes, empty only when the store said that there is no such object
	 */
	Optional<byte[]> readAll(String key) {
		ResponseBytes<GetObjectResponse> response;
		try {
			response = this.client.getObject(get(key).build(), ResponseTransformer.toBytes());
		}
		catch (RuntimeException ex) {
			if (S3Failures.code(ex).equals("NoSuchKey")) {
				return Optional.empty();
			}
			throw S3Failures.translate("read", url(key), ex);
		}
		check(key, response.response());
		return Optional.of(response.asByteArray());
	}

	/**
	 * What an encrypting client has stored must not pass for damage, nor what was stored
	 * without it for something to go on from.
	 */
	private void check(String key, GetObjectResponse response) {
		if (ObjectForm.of(response.metadata()) == ObjectForm.ENCRYPTED && this.form == ObjectForm.PLAIN) {
			throw new ConfigurationException("Could not read " + url(key)
					+ " (the client that stored it has encrypted it): read this replica through an S3 Encryption Client with the same key");
		}
	}

	MissingFileException missing(String key, @Nullable RuntimeException cause) {
		return new MissingFileException("There is no file " + url(key) + ": it was deleted since it was listed", cause);
	}

	private GetObjectRequest.Builder get(String key) {
		return GetObjectRequest.builder().bucket(this.bucket).key(key).overrideConfiguration(this.requests.small());
	}

	private String url(String key) {
		return "s3://" + this.bucket + "/" + key;
	}

}
