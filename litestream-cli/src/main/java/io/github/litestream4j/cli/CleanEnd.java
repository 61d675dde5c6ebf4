package io.github.litestream4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Lets a command clean up when the process is told to end, by Ctrl-C or otherwise: its
 * thread is interrupted, then its replica closed, which ends a request that hangs. The
 * process waits until the thread has closed this, a few seconds at most.
 */
final class CleanEnd implements AutoCloseable {

	private static final Duration FIRST_PATIENCE = Duration.ofSeconds(1);

	private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

	private final Thread command = Thread.currentThread();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final Thread hook = new Thread(this::end, "litestream-cli-end");

	private volatile @Nullable OpenReplica replica;

	private volatile @Nullable Path folder;

	/**
	 * From now on the thread of the caller is interrupted when the process is told to
	 * end.
	 */
	CleanEnd() {
		Runtime.getRuntime().addShutdownHook(this.hook);
	}

	/**
	 * Close a replica when the command does not end otherwise.
	 * @param open the replica, which may be closed twice
	 * @return the same
	 */
	OpenReplica reading(OpenReplica open) {
		this.replica = open;
		return open;
	}

	/**
	 * Delete a folder also when the command hangs.
	 * @param temporary a folder that nobody else uses
	 */
	void delete(Path temporary) {
		this.folder = temporary;
	}

	private void end() {
		this.command.interrupt();
		try {
			if (isClosedWithin(FIRST_PATIENCE)) {
				return;
			}
			OpenReplica open = this.replica;
			if (open != null) {
				open.close();
			}
			if (!isClosedWithin(LAST_PATIENCE)) {
				deleteFolder();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private boolean isClosedWithin(Duration time) throws InterruptedException {
		return this.closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
	}

	private void deleteFolder() {
		Path root = this.folder;
		if (root == null) {
			return;
		}
		try (Stream<Path> walk = Files.walk(root)) {
			List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
			for (Path path : deepestFirst) {
				Files.deleteIfExists(path);
			}
		}
		catch (NoSuchFileException ex) {
			// The command came to its end after all
			return;
		}
		catch (IOException | UncheckedIOException ex) {
			System.err.println(root + " could not be deleted: " + ex);
		}
	}

	/**
	 * The command has cleaned up.
	 */
	@Override
	public void close() {
		this.closed.countDown();
		try {
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (IllegalStateException ex) {
			// The process is about to end, and the hook has been waiting for this
			return;
		}
	}

}
