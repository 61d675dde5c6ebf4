package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;

/**
 * Says what went wrong with a file or folder, and what to do about it.
 *
 * @param url the replica's
 */
record FileFailures(String url) {

	/**
	 * Make a call whose failures need no other treatment.
	 * @param operation what it does, as "write"
	 * @param path to what
	 * @param call does it
	 * @return its result
	 */
	<T> T call(String operation, Path path, Call<T> call) {
		try {
			return call.run();
		}
		catch (IOException ex) {
			throw unavailable(operation, path, ex);
		}
	}

	/**
	 * Read what was listed, and may be gone meanwhile.
	 */
	<T> T listed(String operation, Path path, Call<T> call) {
		return call(operation, path, () -> {
			try {
				return call.run();
			}
			catch (NoSuchFileException ex) {
				throw new MissingFileException("There is no file " + path + ": it was deleted since it was listed", ex);
			}
		});
	}

	/**
	 * Read what may be absent.
	 * @param absent the result when it is
	 */
	<T> T orAbsent(T absent, String operation, Path path, Call<T> call) {
		return call(operation, path, () -> {
			try {
				return call.run();
			}
			catch (NoSuchFileException ex) {
				requireAbsent(path, ex);
				return absent;
			}
			catch (DirectoryIteratorException ex) {
				throw Objects.requireNonNull(ex.getCause());
			}
		});
	}

	/**
	 * An absence counts only below a folder that can be read: a file in the place of a
	 * folder, or a folder that may not be looked into, is an error.
	 */
	private static void requireAbsent(Path path, IOException cause) throws IOException {
		for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
			try {
				if (!Files.readAttributes(parent, BasicFileAttributes.class).isDirectory()) {
					throw new NotDirectoryException(parent.toString());
				}
				Files.newDirectoryStream(parent).close();
				return;
			}
			catch (NoSuchFileException ex) {
				cause.addSuppressed(ex);
			}
		}
		throw cause;
	}

	StorageUnavailableException unavailable(String operation, Path path, IOException cause) {
		return new StorageUnavailableException("Could not " + operation + " " + path + " in the replica " + this.url
				+ " (" + cause.getClass().getSimpleName() + ": " + cause.getMessage()
				+ "): check that the folder is mounted, writable, and has space", cause);
	}

	/**
	 * Does something with a file.
	 *
	 * @param <T> the result
	 */
	@FunctionalInterface
	interface Call<T> {

		T run() throws IOException;

	}

}
