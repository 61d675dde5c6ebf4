package io.github.litestream4j.history;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Reads a stored file to its checksum, as long as there is time.
 */
public final class StoredProof {

	private StoredProof() {
	}

	/**
	 * Find out whether a file is there and is what it must be. Only damage that was read
	 * counts: whatever cannot be read is an error.
	 * @param storage the replica
	 * @param index told what it is found to be
	 * @param key the file
	 * @param deadline when it must have been read, as {@link System#nanoTime}
	 * @return what is wrong with it, empty when it is right
	 * @throws StorageUnavailableException when it cannot be read, or not in time
	 * @throws LitestreamException when the thread was interrupted
	 */
	public static Optional<String> problem(ReplicaStorage storage, ReplicaIndex index, LtxKey key, long deadline) {
		Optional<StoredFile> listed = storage.find(key);
		if (listed.isEmpty()) {
			return Optional.of(key + " in " + storage.url() + " is gone");
		}
		try {
			return new StoredFiles(new TimedStorage(storage, deadline), index).problems(List.of(listed.get()))
				.values()
				.stream()
				.findFirst();
		}
		catch (LateException ex) {
			throw new StorageUnavailableException(
					"%s in %s could not be read to its end in time".formatted(key, storage.url()), ex);
		}
	}

	/**
	 * Is read until a moment.
	 */
	private static final class TimedStorage extends ForwardingStorage {

		private final long deadline;

		TimedStorage(ReplicaStorage storage, long deadline) {
			super(storage);
			this.deadline = deadline;
		}

		@Override
		public InputStream read(LtxKey key, long offset, long length) {
			return new FilterInputStream(super.read(key, offset, length)) {

				@Override
				public int read(byte[] buffer, int from, int count) throws IOException {
					if (System.nanoTime() - TimedStorage.this.deadline > 0) {
						throw new LateException();
					}
					return super.read(buffer, from, count);
				}

			};
		}

	}

	/**
	 * There is no time left, which is no failure of the storage to go on after.
	 */
	private static final class LateException extends LitestreamException {

		private static final long serialVersionUID = 1L;

		LateException() {
			super("there is no time left");
		}

	}

}
