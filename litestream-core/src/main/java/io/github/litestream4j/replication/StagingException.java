package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * One of our own local files could not be written or synced. Nothing is lost by that:
 * what it was to hold is still in the WAL, which is not restarted before it could be
 * written.
 */
final class StagingException extends IOException {

	private static final long serialVersionUID = 1L;

	StagingException(Path path, IOException cause) {
		super("Cannot write %s: %s. Free space there or make it writable; what is committed waits in the WAL until then"
			.formatted(path, reason(cause)), cause);
	}

	private static String reason(IOException cause) {
		return (cause instanceof FileSystemException && cause.getClass() != FileSystemException.class)
				? cause.getClass().getSimpleName() : String.valueOf(cause.getMessage());
	}

	static boolean isCauseOf(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof StagingException) {
				return true;
			}
		}
		return false;
	}

}
