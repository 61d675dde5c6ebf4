package io.github.litestream4j.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * The one place that opens a database or -shm file with Java's own I/O. Its channels are
 * never closed: SQLite's locks are POSIX locks, and all that this process holds on a file
 * are gone, silently, as soon as it closes any descriptor of it
 * (sqlite.org/howtocorrupt.html section 2.2).
 */
final class PageChannels {

	private static final Map<Object, FileChannel> OPEN = new HashMap<>();

	private PageChannels() {
	}

	/**
	 * The channel of a file, for reading.
	 * @param file a database or -shm file that exists
	 * @return the file's only channel in this process
	 * @throws IOException when it cannot be opened
	 */
	static synchronized FileChannel of(Path file) throws IOException {
		Object key = key(file);
		FileChannel channel = OPEN.get(key);
		if (channel == null) {
			channel = FileChannel.open(file, StandardOpenOption.READ);
			OPEN.put(key, channel);
		}
		return channel;
	}

	/**
	 * What tells a file from another one of the same name.
	 * @param file a file that exists
	 * @return device and inode, or the real path where the system has none
	 * @throws IOException when it cannot be told
	 */
	static Object key(Path file) throws IOException {
		Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
		return (key != null) ? key : file.toRealPath();
	}

}
