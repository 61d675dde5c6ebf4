package io.github.litestream4j.storage;

import java.nio.file.Path;

import io.github.litestream4j.ConfigurationException;

/**
 * A replica's place as it is configured.
 */
public sealed interface ReplicaUrl {

	/**
	 * Read a URL.
	 * @param url {@code s3://bucket/prefix} or {@code file:/folder} (also relative, as
	 * {@code file:folder})
	 * @return the place
	 * @throws ConfigurationException when it is neither
	 */
	static ReplicaUrl parse(String url) {
		throw new UnsupportedOperationException();
	}

	/**
	 * A replica in a bucket.
	 *
	 * @param bucket the bucket
	 * @param prefix what stands before each key, without slashes at its ends; may be
	 * empty
	 */
	record S3(String bucket, String prefix) implements ReplicaUrl {

	}

	/**
	 * A replica in a folder.
	 *
	 * @param folder the folder, absolute
	 */
	record File(Path folder) implements ReplicaUrl {

	}

}
