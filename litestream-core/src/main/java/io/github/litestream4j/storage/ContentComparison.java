package io.github.litestream4j.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

import io.github.litestream4j.StorageUnavailableException;

/**
 * Compares what a storage holds with bytes of our own, for instance when a key is refused
 * as taken: a put whose answer was lost has stored just these bytes. Safe for use by
 * several threads.
 */
public final class ContentComparison {

	private static final int AT_ONCE = 1 << 16;

	private final ReplicaStorage storage;

	public ContentComparison(ReplicaStorage storage) {
		this.storage = storage;
	}

	/**
	 * The file that stands at a key which the storage has just refused as taken.
	 * @param key the key
	 * @return the file
	 * @throws StorageUnavailableException when it is not listed: which of the two answers
	 * is true shows another try
	 */
	public StoredFile taken(LtxKey key) {
		return this.storage.find(key)
			.orElseThrow(() -> new StorageUnavailableException(
					"%s in %s is refused as taken, but not listed".formatted(key, this.storage.url())));
	}

	/**
	 * Whether a stored file has just these bytes. It is read only when its length is the
	 * same.
	 * @param stored the file
	 * @param content the bytes
	 * @return whether they are the same
	 * @throws IOException when either of them cannot be read to its end
	 */
	public boolean isSame(StoredFile stored, Content content) throws IOException {
		if (stored.size() != content.length()) {
			return false;
		}
		try (InputStream theirs = this.storage.read(stored.key(), 0, stored.size());
				InputStream ours = content.open()) {
			while (true) {
				byte[] expected = ours.readNBytes(AT_ONCE);
				if (!Arrays.equals(expected, theirs.readNBytes(AT_ONCE))) {
					return false;
				}
				if (expected.length == 0) {
					return true;
				}
			}
		}
	}

}
