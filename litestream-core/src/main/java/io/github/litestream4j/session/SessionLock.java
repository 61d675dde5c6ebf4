package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

import io.github.litestream4j.ConfigurationException;

/**
 * Keeps a second session off a staging folder, in this process and in others. The lock is
 * on a file of its own: one on the database file would undo SQLite's.
 */
final class SessionLock implements AutoCloseable {

	/** A process can lock the same file twice through two class loaders or channels. */
	private static final Set<Path> HELD = new HashSet<>();

	private final Path path;

	private final FileChannel channel;

	private SessionLock(Path path, FileChannel channel) {
		this.path = path;
		this.channel = channel;
	}

	/**
	 * Take the lock.
	 * @param stagingDirectory the folder, which is made when it is missing
	 * @param database the database, for messages
	 * @return the lock
	 * @throws ConfigurationException when it is taken, or the folder cannot be used
	 */
	static SessionLock take(Path stagingDirectory, Path database) {
		try {
			Path folder = Files.createDirectories(stagingDirectory).toRealPath();
			Path path = folder.resolve("lock");
			synchronized (HELD) {
				if (!HELD.add(path)) {
					throw taken(database, path);
				}
			}
			return lock(path, database);
		}
		catch (IOException ex) {
			throw new ConfigurationException(
					"The staging folder %s cannot be used: %s. Make it writable, or set litestream.staging-directory."
						.formatted(stagingDirectory, ex),
					ex);
		}
	}

	private static SessionLock lock(Path path, Path database) throws IOException {
		FileChannel channel = null;
		boolean locked = false;
		try {
			channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			FileLock lock = channel.tryLock();
			if (lock == null) {
				throw taken(database, path);
			}
			locked = true;
			return new SessionLock(path, channel);
		}
		catch (OverlappingFileLockException ex) {
			throw taken(database, path);
		}
		finally {
			if (!locked) {
				if (channel != null) {
					channel.close();
				}
				release(path);
			}
		}
	}

	static ConfigurationException taken(Path database, Path path) {
		return new ConfigurationException(
				"The database %s is replicated already: %s is locked by this or another process. Stop the other application, or the other application context (in tests: close it, or use another file)."
					.formatted(database, path));
	}

	private static void release(Path path) {
		synchronized (HELD) {
			HELD.remove(path);
		}
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
		release(this.path);
	}

}
