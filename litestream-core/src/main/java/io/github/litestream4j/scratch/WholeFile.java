package io.github.litestream4j.scratch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes small files by way of a temporary one beside them, so that whoever reads one
 * finds the old content or the new, and never a part. One thread at a time may write a
 * file.
 */
public final class WholeFile {

	private WholeFile() {
	}

	/**
	 * Write a file, or replace it. A loss of power may cost it.
	 * @param file the file
	 * @param content all of its bytes
	 * @throws IOException when it cannot be written; it is as it was then
	 */
	public static void write(Path file, byte[] content) throws IOException {
		write(file, content, false);
	}

	/**
	 * Write a file, or replace it, to survive a loss of power.
	 * @param file the file
	 * @param content all of its bytes
	 * @throws IOException when it cannot be written
	 */
	public static void writeDurably(Path file, byte[] content) throws IOException {
		write(file, content, true);
		syncFolder(Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a folder"));
	}

	private static void write(Path file, byte[] content, boolean sync) throws IOException {
		Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
		try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
				StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
			ByteBuffer bytes = ByteBuffer.wrap(content);
			while (bytes.hasRemaining()) {
				channel.write(bytes);
			}
			if (sync) {
				channel.force(true);
			}
		}
		Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
	}

	/**
	 * Make the names in a folder survive a loss of power. Windows cannot open a folder,
	 * and keeps names by its journal.
	 * @param folder the folder
	 * @throws IOException when it cannot be opened or written
	 */
	public static void syncFolder(Path folder) throws IOException {
		if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
			try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
				channel.force(true);
			}
		}
	}

}
