package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

import io.github.litestream4j.ConfigurationException;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a second restore off a target, in this process and in others. The lock is on a
 * file of its own beside the target, which is never one that SQLite opens: closing
 * another descriptor of such a file would undo SQLite's locks.
 */
final class RestoreLock implements AutoCloseable {

	private static final String SUFFIX = ".restore-lock";

	/** How often the file may be another one once it is locked. */
	private static final int TRIES = 100;

	private static final int LENGTHS = 1 << 20;

	// An OS lock is held by a process, and gone when any descriptor of its file is closed
	private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

	private final Path path;

	private final FileChannel channel;

	private RestoreLock(Path path, FileChannel channel) {
		this.path = path;
		this.channel = channel;
	}

	/**
	 * Take the lock.
	 * @param target the database file, whose folder is there
	 * @return the lock, to be closed
	 * @throws ConfigurationException when it is taken
	 * @throws IOException when the file cannot be made or locked
	 */
	static RestoreLock take(Path target) throws IOException {
		Path folder = Objects.requireNonNull(target.getParent()).toRealPath();
		Path path = folder.resolve(target.getFileName() + SUFFIX);
		if (!HELD.add(path)) {
			throw taken(target, "this process");
		}
		RestoreLock lock = null;
		try {
			for (int tries = 0; lock == null && tries < TRIES; tries++) {
				lock = tryLock(path, target);
			}
			if (lock == null) {
				throw taken(target, "others, one after the other");
			}
			return lock;
		}
		finally {
			if (lock == null) {
				HELD.remove(path);
			}
		}
	}

	/**
	 * The one that had it deletes the file before it lets go of it, so that what is
	 * locked then may be a file that nobody else meets any more. Which one it is cannot
	 * be asked of a channel, and opening the file again would end the lock when that is
	 * closed: so it is given a length of its own, which only who has the lock does, and
	 * the file of that name has to have it.
	 */
	private static @Nullable RestoreLock tryLock(Path path, Path target) throws IOException {
		FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
		boolean locked = false;
		try {
			if (channel.tryLock() == null) {
				throw taken(target, "another process");
			}
			int length = ThreadLocalRandom.current().nextInt(1, LENGTHS);
			channel.truncate(0).write(ByteBuffer.allocate(1), length - 1L);
			locked = lengthOf(path) == length;
			return locked ? new RestoreLock(path, channel) : null;
		}
		finally {
			if (!locked) {
				channel.close();
			}
		}
	}

	private static long lengthOf(Path path) throws IOException {
		try {
			return Files.size(path);
		}
		catch (NoSuchFileException ex) {
			return -1;
		}
	}

	private static ConfigurationException taken(Path target, String by) {
		return new ConfigurationException(target + " is being restored already, by " + by
				+ ": restore it once at a time, and wait for that one to end");
	}

	@Override
	public void close() throws IOException {
		try (this.channel) {
			Files.deleteIfExists(this.path);
		}
		finally {
			HELD.remove(this.path);
		}
	}

}
