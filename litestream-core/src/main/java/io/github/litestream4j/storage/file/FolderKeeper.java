package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes folders that survive a loss of power, remembers which are there, and clears the
 * temporary files that a crash left in them.
 */
final class FolderKeeper {

	/** How old a temporary file is that nobody can be writing any more. */
	private static final Duration LEFT_BEHIND = Duration.ofDays(1);

	// The time is in the name, since a modification time is set to that of the content.
	private static final Pattern TEMPORARY = Pattern.compile("\\.(\\d{1,15})-[0-9a-f-]{36}\\.tmp");

	private final Set<Path> known = ConcurrentHashMap.newKeySet();

	private final Clock clock;

	FolderKeeper(Clock clock) {
		this.clock = clock;
	}

	boolean isKnown(Path folder) {
		return this.known.contains(folder);
	}

	/**
	 * Look at a folder anew before the next file: it may be gone.
	 */
	void forget(Path folder) {
		for (Path path = folder; path != null; path = path.getParent()) {
			this.known.remove(path);
		}
	}

	/**
	 * A name that no listing takes for an LTX file, and that nobody else uses.
	 */
	Path temporaryFile(Path folder) {
		return folder.resolve("." + this.clock.millis() + "-" + UUID.randomUUID() + ".tmp");
	}

	/**
	 * Make a folder and those above it, and clear what a crash left in it.
	 */
	void prepare(Path folder) throws IOException {
		make(folder);
		clear(folder);
		this.known.add(folder);
	}

	private void make(Path folder) throws IOException {
		if (Files.isDirectory(folder)) {
			return;
		}
		Path parent = folder.getParent();
		if (parent == null) {
			throw new NotDirectoryException(folder.toString());
		}
		make(parent);
		try {
			Files.createDirectory(folder);
		}
		catch (FileAlreadyExistsException ex) {
			// Somebody else was faster, or it is a file.
			if (!Files.isDirectory(folder)) {
				throw new NotDirectoryException(folder.toString());
			}
		}
		sync(parent);
	}

	private void clear(Path folder) throws IOException {
		long newest = this.clock.millis() - LEFT_BEHIND.toMillis();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, ".*.tmp")) {
			for (Path entry : entries) {
				Matcher matcher = TEMPORARY.matcher(entry.getFileName().toString());
				if (matcher.matches() && Long.parseLong(matcher.group(1)) < newest) {
					Files.deleteIfExists(entry);
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
	}

	/**
	 * Make the names in a folder survive a loss of power. Windows cannot open a folder,
	 * and keeps names by its journal.
	 */
	void sync(Path folder) throws IOException {
		if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
			try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
				channel.force(true);
			}
		}
	}

}
