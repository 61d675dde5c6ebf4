package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;

import io.github.litestream4j.storage.ChecksumText;

/**
 * The small files that hold the database checksums of others. Since a file and its
 * checksum cannot come and go in one step, the checksum goes first and comes last: a
 * crash may cost one, and never leaves one beside a file that it is not of.
 *
 * @param writer writes them
 */
record ChecksumFiles(FileWriter writer) {

	/**
	 * Remove the checksum of a former file.
	 * @param checksum where it may be
	 */
	void forget(Path checksum) throws IOException {
		if (Files.deleteIfExists(checksum)) {
			this.writer.sync(Objects.requireNonNull(checksum.getParent()));
		}
	}

	/**
	 * Remove the checksum of a former file, unless there is a file that it is of.
	 * @param checksum where it may be
	 * @param file the file
	 */
	void forgetUnlessOf(Path checksum, Path file) throws IOException {
		if (Files.exists(checksum, LinkOption.NOFOLLOW_LINKS) && Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
			forget(checksum);
		}
	}

	/**
	 * Write the checksum of a file that a commit waits for. Not synced, which would
	 * double that: a loss of power may cost the checksum, and then leaves the file empty
	 * or away.
	 * @param checksum where to
	 * @param value the checksum, empty when it is not known
	 */
	void writeAtOnce(Path checksum, OptionalLong value) throws IOException {
		if (value.isEmpty()) {
			Files.deleteIfExists(checksum);
			return;
		}
		Files.createDirectories(Objects.requireNonNull(checksum.getParent()));
		Files.write(checksum, ChecksumText.bytes(value.getAsLong()));
	}

	/**
	 * Write the checksum of a file, in the place of another.
	 * @param checksum where to
	 * @param value the checksum
	 */
	void replace(Path checksum, long value) throws IOException {
		this.writer.replace(checksum, null, (out) -> out.write(ChecksumText.bytes(value)));
	}

}
