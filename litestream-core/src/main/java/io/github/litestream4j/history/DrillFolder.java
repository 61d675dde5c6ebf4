package io.github.litestream4j.history;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

import org.jspecify.annotations.Nullable;

/**
 * The folder that a drill restores into, and nobody else uses. Nothing of it stays.
 */
final class DrillFolder implements Closeable {

	private static final String NAME = "drill";

	private final Path parent;

	private final Path folder;

	private DrillFolder(Path parent, Path folder) {
		this.parent = parent;
		this.folder = folder;
	}

	/**
	 * Make the folder, and clear what a drill left whose process was killed.
	 * @param parent where
	 * @return the folder, empty
	 * @throws IOException when it cannot be made, or not be cleared
	 */
	static DrillFolder open(Path parent) throws IOException {
		clear(parent);
		return new DrillFolder(parent, Files.createDirectories(parent.resolve(NAME)));
	}

	/**
	 * Remove what a drill has left.
	 * @param parent where
	 * @throws IOException when something cannot be deleted
	 */
	static void clear(Path parent) throws IOException {
		Path folder = parent.resolve(NAME);
		try {
			Files.walkFileTree(folder, new Deletion());
		}
		catch (NoSuchFileException ex) {
			if (!folder.toString().equals(ex.getFile())) {
				throw ex;
			}
			// There is none
		}
	}

	/**
	 * Where the restored database appears.
	 * @return a file that is not there yet
	 */
	Path database() {
		return this.folder.resolve("restored.db");
	}

	/**
	 * How much may be written.
	 * @return in bytes
	 */
	long usableSpace() throws IOException {
		return Files.getFileStore(this.folder).getUsableSpace();
	}

	@Override
	public String toString() {
		return this.folder.toString();
	}

	@Override
	public void close() throws IOException {
		clear(this.parent);
	}

	/**
	 * Deletes a folder with all that is in it.
	 */
	private static final class Deletion extends SimpleFileVisitor<Path> {

		@Override
		public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
			Files.deleteIfExists(file);
			return FileVisitResult.CONTINUE;
		}

		@Override
		public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
			if (failure != null) {
				throw failure;
			}
			Files.deleteIfExists(folder);
			return FileVisitResult.CONTINUE;
		}

	}

}
