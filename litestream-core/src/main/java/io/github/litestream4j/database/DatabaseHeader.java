package io.github.litestream4j.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;

/**
 * The first 100 bytes of a database file, sqlite.org/fileformat2.html section 1.3.
 *
 * @param pageSize in bytes
 */
public record DatabaseHeader(int pageSize) {

	private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

	/**
	 * Check that a file can be replicated, and leave it as it is.
	 * @param file the database file
	 * @return its header; empty when the file is not there or has no bytes
	 * @throws ConfigurationException when this is no SQLite database, or it or its folder
	 * cannot be written
	 */
	public static Optional<DatabaseHeader> check(Path file) {
		try {
			return read(file);
		}
		catch (IOException ex) {
			throw new ConfigurationException(
					"The database file %s cannot be read: %s. Check its permissions and the disk.".formatted(file, ex),
					ex);
		}
	}

	private static Optional<DatabaseHeader> read(Path file) throws IOException {
		Path folder = file.getParent();
		if (folder == null || !Files.isDirectory(folder)) {
			throw new ConfigurationException(
					"The folder of the database file %s does not exist. Create it, or change the URL of the database."
						.formatted(file));
		}
		if (!Files.isWritable(folder)) {
			throw new ConfigurationException(
					"The folder %s is not writable for this process, but SQLite keeps the WAL there, beside %s."
						.formatted(folder, file.getFileName()));
		}
		if (Files.notExists(file)) {
			return Optional.empty();
		}
		if (!Files.isRegularFile(file)) {
			throw new ConfigurationException("%s is not a file, but the database's URL names it.".formatted(file));
		}
		if (!Files.isWritable(file) || !Files.isReadable(file)) {
			throw new ConfigurationException(
					"The database file %s is not readable and writable for this process. Change its permissions, or set litestream.enabled=false for a database that only others write."
						.formatted(file));
		}
		if (Files.size(file) == 0) {
			return Optional.empty();
		}
		return Optional.of(decode(file, PageFile.of(file)));
	}

	private static DatabaseHeader decode(Path file, PageFile pages) throws IOException {
		ByteBuffer header = ByteBuffer.allocate(100);
		boolean whole = pages.read(header.array(), 0) == header.capacity();
		byte[] magic = Arrays.copyOf(header.array(), MAGIC.length);
		int size = Short.toUnsignedInt(header.getShort(16));
		int pageSize = (size == 1) ? 65536 : size;
		if (!whole || !Arrays.equals(magic, MAGIC) || Integer.bitCount(pageSize) != 1 || pageSize < 512) {
			throw new ConfigurationException(
					"%s is not a SQLite database: expected \"SQLite format 3\" and a page size at its start, found %d bytes beginning with %s. It was left as it is."
						.formatted(file, Files.size(file), printable(magic)));
		}
		return new DatabaseHeader(pageSize);
	}

	private static String printable(byte[] bytes) {
		return '"' + new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", ".") + '"';
	}

}
