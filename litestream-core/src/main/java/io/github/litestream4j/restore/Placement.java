package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Gives a finished file its name, and never takes the name from another one.
 * <p>
 * The name is a hard link, which the system makes only when the name is free, whoever
 * else tries. Where a file system has no hard links (FAT, some network mounts) the file
 * is renamed: on Windows that, too, fails when the name is taken; elsewhere the name is
 * looked at just before, and a database that somebody makes in the moment between the two
 * is lost.
 * <p>
 * A file without a byte, as SQLite makes it when it opens a database that is missing,
 * gives way: it is moved aside, looked at once more, and deleted. A process that has it
 * open cannot write to it any more, SQLite says that it was moved.
 *
 * @param linker makes hard links
 */
record Placement(Linker linker) {

	static final Placement DEFAULT = new Placement(Files::createLink);

	/**
	 * Give a file its name.
	 * @param from the file
	 * @param to the name, in the same folder
	 * @throws FileAlreadyExistsException when the name is that of a file with content,
	 * which is left as it is
	 * @throws IOException when it fails otherwise
	 */
	void place(Path from, Path to) throws IOException {
		if (!isEmpty(to)) {
			link(from, to);
			return;
		}
		Path aside = to.resolveSibling(from.getFileName() + ".aside");
		Files.move(to, aside);
		if (Files.size(aside) > 0) {
			link(aside, to);
			throw new FileAlreadyExistsException(to.toString());
		}
		Files.delete(aside);
		link(from, to);
	}

	private static boolean isEmpty(Path file) throws IOException {
		return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == 0;
	}

	private void link(Path from, Path to) throws IOException {
		try {
			this.linker.link(to, from);
		}
		catch (FileAlreadyExistsException ex) {
			throw ex;
		}
		catch (UnsupportedOperationException | FileSystemException ex) {
			rename(from, to, ex);
			return;
		}
		// A kill before this leaves a second name, which the next restore removes
		Files.delete(from);
	}

	private static void rename(Path from, Path to, Exception noLink) throws IOException {
		try {
			// Without REPLACE_EXISTING and, since that implies it, without ATOMIC_MOVE
			Files.move(from, to);
		}
		catch (IOException ex) {
			ex.addSuppressed(noLink);
			throw ex;
		}
	}

	/**
	 * Gives a file a second name.
	 */
	@FunctionalInterface
	interface Linker {

		void link(Path link, Path existing) throws IOException;

	}

}
