package io.github.litestream4j.storage.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.github.litestream4j.storage.BodyWriter;

import org.jspecify.annotations.Nullable;

/**
 * Writes files that appear whole, synced and with their time, or not at all: into a
 * temporary file beside the target, which then gets the target's name.
 * <p>
 * A new file gets its name by a hard link, which the system makes only when the name is
 * free, whoever else tries, this process or another. Where a file system has no hard
 * links (FAT, some network mounts), writers take turns by a lock on a file named
 * {@code .lock} beside the target instead: safe against others that do the same, on
 * systems that honour locks.
 */
final class FileWriter {

	// An OS lock is held by a process: its own threads need one more.
	private static final Lock TURN = new ReentrantLock();

	private static final int BUFFER = 1 << 16;

	private final Linker linker;

	private final FolderKeeper folders;

	private volatile @Nullable Boolean linksWork;

	FileWriter(Linker linker, Clock clock) {
		this.linker = linker;
		this.folders = new FolderKeeper(clock);
	}

	/**
	 * Write a file unless its name is taken.
	 * @return {@code false} when it is
	 */
	boolean createNew(Path target, @Nullable Instant timestamp, BodyWriter body) throws IOException {
		Path folder = Objects.requireNonNull(target.getParent(), "a stored file is in a folder");
		if (!this.folders.isKnown(folder)) {
			this.folders.prepare(folder);
		}
		Path temporary = this.folders.temporaryFile(folder);
		boolean created;
		try {
			created = !Files.exists(target, LinkOption.NOFOLLOW_LINKS);
			if (created) {
				write(temporary, timestamp, body);
				created = place(temporary, target);
			}
		}
		catch (IOException | RuntimeException | Error ex) {
			this.folders.forget(folder);
			discard(temporary, ex);
			throw ex;
		}
		// Also when the name is taken: it may be this caller's, of a call whose sync
		// failed.
		this.folders.sync(folder);
		return created;
	}

	/**
	 * Write a file, replacing one of its name.
	 * @return its length in bytes
	 */
	long replace(Path target, @Nullable Instant timestamp, BodyWriter body) throws IOException {
		Path folder = Objects.requireNonNull(target.getParent(), "a stored file is in a folder");
		if (!this.folders.isKnown(folder)) {
			this.folders.prepare(folder);
		}
		Path temporary = this.folders.temporaryFile(folder);
		long length;
		try {
			length = write(temporary, timestamp, body);
			Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (IOException | RuntimeException | Error ex) {
			this.folders.forget(folder);
			discard(temporary, ex);
			throw ex;
		}
		this.folders.sync(folder);
		return length;
	}

	/**
	 * Make the names in a folder survive a loss of power.
	 */
	void sync(Path folder) throws IOException {
		this.folders.sync(folder);
	}

	private long write(Path temporary, @Nullable Instant timestamp, BodyWriter body) throws IOException {
		try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
				StandardOpenOption.WRITE)) {
			OutputStream out = new BufferedOutputStream(new SteadyOutput(channel), BUFFER);
			body.writeTo(out);
			out.flush();
			long length = channel.position();
			if (timestamp != null) {
				Files.setLastModifiedTime(temporary, FileTime.from(timestamp));
			}
			// After the time is set, so that one sync covers both.
			channel.force(true);
			return length;
		}
	}

	private boolean place(Path temporary, Path target) throws IOException {
		if (!Boolean.FALSE.equals(this.linksWork)) {
			try {
				this.linker.link(target, temporary);
				this.linksWork = true;
				Files.delete(temporary);
				return true;
			}
			catch (FileAlreadyExistsException ex) {
				this.linksWork = true;
				Files.delete(temporary);
				return false;
			}
			catch (UnsupportedOperationException | FileSystemException ex) {
				if (this.linksWork != null || isSpecific(ex)) {
					throw ex;
				}
				this.linksWork = false;
			}
		}
		return moveInTurn(temporary, target);
	}

	// A missing link operation has no exception of its own, unlike a missing right or
	// file.
	private static boolean isSpecific(Exception ex) {
		return ex instanceof FileSystemException && ex.getClass() != FileSystemException.class;
	}

	private static boolean moveInTurn(Path temporary, Path target) throws IOException {
		TURN.lock();
		try (FileChannel channel = FileChannel.open(target.resolveSibling(".lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			if (!lock.isValid() || Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
				Files.delete(temporary);
				return false;
			}
			Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
			return true;
		}
		finally {
			TURN.unlock();
		}
	}

	private static void discard(Path temporary, Throwable cause) {
		try {
			Files.deleteIfExists(temporary);
		}
		catch (IOException ex) {
			cause.addSuppressed(ex);
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
