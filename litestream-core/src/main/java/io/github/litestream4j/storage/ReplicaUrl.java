package io.github.litestream4j.storage;

import java.nio.file.Path;

import io.github.litestream4j.ConfigurationException;

/**
 * A replica's place as it is configured.
 */
public sealed interface ReplicaUrl {

	/**
	 * Read a URL. Characters stand for themselves: there is no percent-encoding, no query
	 * and no user info, so that one text means the same place to everyone who reads it.
	 * @param url {@code s3://bucket/prefix} or {@code file:/folder} (also relative to the
	 * working directory, as {@code file:folder})
	 * @return the place
	 * @throws ConfigurationException when it is neither; the message leaves out whatever
	 * may be a credential
	 */
	static ReplicaUrl parse(String url) {
		return ReplicaUrlParser.parse(url);
	}

	/**
	 * A replica in a bucket.
	 *
	 * @param bucket the bucket
	 * @param prefix what stands before each key, without slashes at its ends; may be
	 * empty
	 */
	record S3(String bucket, String prefix) implements ReplicaUrl {

		public S3 {
			if (bucket.isEmpty() || prefix.startsWith("/") || prefix.endsWith("/")) {
				throw new IllegalArgumentException(
						"a bucket and a prefix without slashes at its ends, not '" + bucket + "' and '" + prefix + "'");
			}
		}

		/**
		 * The place as a URL.
		 * @return {@code s3://bucket/prefix}
		 */
		@Override
		public String toString() {
			return "s3://" + this.bucket + (this.prefix.isEmpty() ? "" : "/" + this.prefix);
		}

	}

	/**
	 * A replica in a folder.
	 *
	 * @param folder the folder, absolute
	 */
	record File(Path folder) implements ReplicaUrl {

		public File {
			if (!folder.isAbsolute()) {
				throw new IllegalArgumentException("a replica's folder is absolute, not '" + folder + "'");
			}
		}

		/**
		 * The place as a URL.
		 * @return {@code file:/folder}
		 */
		@Override
		public String toString() {
			return "file:" + this.folder;
		}

	}

}
