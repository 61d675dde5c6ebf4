package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file beside its target that a restore writes to, deleted when it is closed unless
 * it has been moved away. Whoever makes one holds the lock of its target, so that all
 * others beside the target are what crashes left behind.
 */
final class TemporaryDatabase implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TemporaryDatabase.class);

	private static final String SUFFIX = ".tmp";

	private final Path path;

	private final FileChannel channel;

	private TemporaryDatabase(Path path, FileChannel channel) {
		this.path = path;
		this.channel = channel;
	}

	/**
	 * Create one.
	 * @param target the file that it stands in for
	 * @return an empty file
	 * @throws IOException when it cannot be created
	 */
	static TemporaryDatabase create(Path target) throws IOException {
		Path path = target.resolveSibling(
				prefix(target) + String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt()) + SUFFIX);
		FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
				StandardOpenOption.WRITE);
		return new TemporaryDatabase(path, channel);
	}

	/**
	 * Delete what restores of a target left behind when their processes died.
	 * @param folder the target's folder
	 * @param target the target
	 * @throws IOException when the folder cannot be read or a file not deleted
	 */
	static void deleteLeftovers(Path folder, Path target) throws IOException {
		String prefix = prefix(target);
		try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder, (path) -> isTemporary(path, prefix))) {
			for (Path path : siblings) {
				Files.deleteIfExists(path);
				logger.info("Deleted {}, which an interrupted restore left behind", path);
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
	}

	private static boolean isTemporary(Path path, String prefix) {
		String name = path.getFileName().toString();
		return name.startsWith(prefix) && name.endsWith(SUFFIX)
				&& name.length() == prefix.length() + 8 + SUFFIX.length();
	}

	private static String prefix(Path target) {
		return target.getFileName() + ".restore-";
	}

	Path path() {
		return this.path;
	}

	/** The folder that it is in, and its target. */
	Path folder() {
		return Objects.requireNonNull(this.path.getParent());
	}

	FileChannel channel() {
		return this.channel;
	}

	/**
	 * Bring what was written to the disk, and end writing. No descriptor of ours stays
	 * open, nor is another one opened: closing one after SQLite has opened the file would
	 * drop SQLite's locks.
	 * @throws IOException when that fails
	 */
	void sync() throws IOException {
		this.channel.force(true);
		this.channel.close();
	}

	@Override
	public void close() throws IOException {
		try (this.channel) {
			Files.deleteIfExists(this.path);
		}
	}

}
