package io.github.litestream4j.scratch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where temporary files are made. Nothing in it outlives the process, however that ends.
 * Safe for use by several threads.
 */
public final class ScratchFolder {

	private final Path folder;

	/**
	 * A folder, which is made when it is first needed.
	 * @param folder the folder
	 */
	public ScratchFolder(Path folder) {
		this.folder = folder;
	}

	/**
	 * Make an empty file.
	 * @return the file, to be closed by the caller, which deletes it
	 * @throws IOException when it cannot be made
	 */
	public ScratchFile create() throws IOException {
		Path path = Files.createTempFile(Files.createDirectories(this.folder), "scratch-", ".tmp");
		// POSIX systems take the name away at once, so that a killed process leaves none
		return new ScratchFile(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE,
				StandardOpenOption.DELETE_ON_CLOSE));
	}

	@Override
	public String toString() {
		return this.folder.toString();
	}

}
