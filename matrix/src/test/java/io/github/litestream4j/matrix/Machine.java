package io.github.litestream4j.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.springframework.util.FileSystemUtils;

/**
 * The folder of an application, and the replica that is elsewhere.
 *
 * @param disk what is lost with the machine
 * @param replica what is not
 */
record Machine(Path disk, Path replica) {

	static Machine in(Path folder) {
		try {
			return new Machine(Files.createDirectories(folder.resolve("disk")),
					Files.createDirectories(folder.resolve("replica")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The URL of a database on this machine.
	 */
	String url(String file) {
		return "jdbc:sqlite:" + this.disk.resolve(file);
	}

	/**
	 * Only the replica is left.
	 */
	void lose() {
		try {
			if (!FileSystemUtils.deleteRecursively(this.disk)) {
				throw new IllegalStateException(this.disk + " was lost before");
			}
			Files.createDirectories(this.disk);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
