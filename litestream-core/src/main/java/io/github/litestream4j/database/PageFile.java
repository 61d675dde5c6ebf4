package io.github.litestream4j.database;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * A database or -shm file, read with Java's own I/O. This is the one place that opens
 * such a file, once in the life of the process, and never closes it: SQLite's locks are
 * POSIX locks, and all that a process holds on a file are gone, silently, as soon as it
 * closes any descriptor of it (sqlite.org/howtocorrupt.html section 2.2).
 * <p>
 * For the same reason it is no {@link java.nio.channels.FileChannel}, which an interrupt
 * of the reading thread closes. Safe for use by several threads.
 */
final class PageFile {

	private static final Map<Object, PageFile> OPEN = new HashMap<>();

	private final RandomAccessFile file;

	private final Object key;

	private PageFile(RandomAccessFile file, Object key) {
		this.file = file;
		this.key = key;
	}

	/**
	 * The file at a path.
	 * @param path a database or -shm file that exists
	 * @return the one object of that file in this process
	 * @throws IOException when it cannot be opened
	 */
	static PageFile of(Path path) throws IOException {
		synchronized (OPEN) {
			Object key = key(path);
			PageFile file = OPEN.get(key);
			if (file == null) {
				file = new PageFile(new RandomAccessFile(path.toFile(), "r"), key);
				OPEN.put(key, file);
			}
			return file;
		}
	}

	/** Device and inode, or the real path where the system has none. */
	private static Object key(Path path) throws IOException {
		Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
		return (key != null) ? key : path.toRealPath();
	}

	/**
	 * Whether a path still leads to this file.
	 * @param path the path
	 * @return {@code false} when the file was deleted or replaced
	 * @throws IOException when it cannot be told
	 */
	boolean isAt(Path path) throws IOException {
		return Files.exists(path) && key(path).equals(this.key);
	}

	/**
	 * Read bytes.
	 * @param into where they are put, as many as it is long
	 * @param position the first one's
	 * @return how many there were: fewer only at the file's end
	 * @throws IOException when they cannot be read
	 */
	synchronized int read(byte[] into, long position) throws IOException {
		this.file.seek(position);
		int length = 0;
		while (length < into.length) {
			int read = this.file.read(into, length, into.length - length);
			if (read < 0) {
				break;
			}
			length += read;
		}
		return length;
	}

}
