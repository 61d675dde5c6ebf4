package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.scratch.WholeFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place where a restored database appears, whole or not at all. One restore at a time
 * has it.
 */
final class RestoreTarget implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RestoreTarget.class);

	private final Path path;

	private final Clock clock;

	private @Nullable RestoreLock lock;

	private RestoreTarget(Path path, Clock clock) {
		this.path = path;
		this.clock = clock;
	}

	/**
	 * Claim a place and find out whether a database can be made there. What an
	 * interrupted restore left beside it is removed.
	 * @param path the database file; a symbolic link stands for what it points to
	 * @param clock names files that are moved away
	 * @return the place, to be closed
	 * @throws ConfigurationException when it is taken, or its folder cannot be used
	 */
	static RestoreTarget claim(Path path, Clock clock) {
		RestoreTarget target = new RestoreTarget(resolve(path.toAbsolutePath().normalize()), clock);
		target.requireFree();
		target.requireFolder();
		try {
			target.lock = RestoreLock.take(target.path);
			// Who had the lock before may have made it
			target.requireFree();
			TemporaryDatabase.deleteLeftovers(target.folder(), target.path);
			return target;
		}
		catch (IOException ex) {
			target.close();
			throw target.failed("be prepared", ex);
		}
		catch (RuntimeException ex) {
			target.close();
			throw ex;
		}
	}

	/**
	 * Follow links as SQLite does, which keeps the -wal beside the file itself.
	 */
	private static Path resolve(Path path) {
		Path resolved = path;
		for (int links = 0; Files.isSymbolicLink(resolved); links++) {
			if (links == 40) {
				throw new ConfigurationException(path + " is a symbolic link that leads nowhere: name the file itself");
			}
			try {
				resolved = resolved.resolveSibling(Files.readSymbolicLink(resolved)).normalize();
			}
			catch (IOException ex) {
				throw new LitestreamException("Cannot read the symbolic link " + resolved, ex);
			}
		}
		return resolved;
	}

	private void requireFree() {
		if (Files.isDirectory(this.path)) {
			throw new ConfigurationException(this.path + " is a folder: name the database file in it");
		}
		try {
			if (Files.exists(this.path) && Files.size(this.path) > 0) {
				throw taken(Files.size(this.path));
			}
		}
		catch (IOException ex) {
			throw failed("be looked at", ex);
		}
	}

	private ConfigurationException taken(long bytes) {
		return new ConfigurationException("A restore does not replace a database, and " + this.path + " has " + bytes
				+ " bytes. Nothing was touched: move the file away, together with its "
				+ "-wal, or restore to another place");
	}

	private void requireFolder() {
		Path folder = folder();
		if (!Files.isDirectory(folder)) {
			throw new ConfigurationException("The folder " + folder + " of the database " + this.path.getFileName()
					+ (Files.exists(folder) ? " is a file: name a folder" : " does not exist: create it"));
		}
		if (!Files.isWritable(folder)) {
			throw new ConfigurationException("The folder " + folder + " of the database " + this.path.getFileName()
					+ " is not writable: a restore creates files in it");
		}
	}

	private Path folder() {
		Path folder = this.path.getParent();
		if (folder == null) {
			throw new ConfigurationException(this.path + " is no file: name the database file");
		}
		return folder;
	}

	Path path() {
		return this.path;
	}

	/**
	 * Begin a database beside the target.
	 * @return an empty file
	 */
	TemporaryDatabase create() {
		try {
			return TemporaryDatabase.create(this.path);
		}
		catch (IOException ex) {
			throw failed("be created beside its place", ex);
		}
	}

	/**
	 * Let a database appear. What stands beside its place from a database that is gone
	 * would be taken for its own by SQLite, and is moved away first.
	 * @param database the database, written, checked and synced
	 */
	void publish(TemporaryDatabase database) {
		requireFree();
		FormerFiles former = new FormerFiles(this.path, this.clock);
		try {
			place(database.path(), former);
			former.forget();
			WholeFile.syncFolder(folder());
		}
		catch (FileAlreadyExistsException ex) {
			// Made since it was looked for, and what was beside it may be its own
			ConfigurationException taken = taken(this.path.toFile().length());
			taken.addSuppressed(ex);
			throw taken;
		}
		catch (IOException ex) {
			throw failed("be put in its place", ex);
		}
	}

	private void place(Path database, FormerFiles former) throws IOException {
		try {
			former.moveAway();
			Placement.DEFAULT.place(database, this.path);
		}
		catch (IOException | RuntimeException ex) {
			if (!isPlaced(database, ex)) {
				former.putBack(ex);
			}
			throw ex;
		}
	}

	/**
	 * Whether it has its name, and only the one that it had before could not be deleted:
	 * then nothing of another database may come to lie beside it.
	 */
	private boolean isPlaced(Path database, Exception failure) {
		try {
			return Files.isSameFile(database, this.path);
		}
		catch (NoSuchFileException ex) {
			return false;
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
			return true;
		}
	}

	/**
	 * An I/O error here, as an exception that names the place.
	 * @param what what the database could not
	 * @param cause the error
	 * @return the exception
	 */
	LitestreamException failed(String what, IOException cause) {
		return new LitestreamException("The database " + this.path + " cannot " + what + ": " + cause
				+ "; check the folder's file system, its free space and its permissions", cause);
	}

	@Override
	public void close() {
		RestoreLock held = this.lock;
		this.lock = null;
		if (held != null) {
			try {
				held.close();
			}
			catch (IOException ex) {
				// The system lets go of it, and the next restore takes the file
				logger.warn("The lock of the restore into {} could not be deleted: {}", this.path, ex.toString());
			}
		}
	}

}
