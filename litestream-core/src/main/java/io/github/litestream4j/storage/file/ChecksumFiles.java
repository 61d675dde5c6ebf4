package io.github.litestream4j.storage.file;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;

import io.github.litestream4j.storage.ChecksumText;
import io.github.litestream4j.storage.LtxKey;

/**
 * The small files that hold the database checksums of others. Since a file and its
 * checksum cannot come and go in one step, the checksum goes first and comes last: a
 * crash may cost one, and never leaves one beside a file that it is not of.
 *
 * @param meta the folder that they are below
 * @param writer writes them
 * @param failures says what went wrong
 */
record ChecksumFiles(Path meta, FileWriter writer, FileFailures failures) {

	/**
	 * Remove the checksum of a former file.
	 * @param key the file
	 */
	void forget(LtxKey key) {
		Path checksum = path(key);
		this.failures.call("write", checksum, () -> {
			boolean found = Files.deleteIfExists(checksum);
			if (found) {
				this.writer.sync(Objects.requireNonNull(checksum.getParent()));
			}
			return found;
		});
	}

	/**
	 * Remove the checksum of a former file, unless there is a file that it is of.
	 * @param key the file
	 * @param file where it may be
	 */
	void forgetUnlessOf(LtxKey key, Path file) {
		if (Files.exists(path(key), LinkOption.NOFOLLOW_LINKS) && Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
			forget(key);
		}
	}

	/**
	 * Write the checksum of a file that a commit waits for. Not synced, which would
	 * double that: a loss of power may cost the checksum, and then leaves the file empty
	 * or away.
	 * @param key the file
	 * @param value the checksum, empty when it is not known
	 */
	void writeAtOnce(LtxKey key, OptionalLong value) {
		Path checksum = path(key);
		this.failures.call("write", checksum, () -> {
			if (value.isEmpty()) {
				return Files.deleteIfExists(checksum);
			}
			Files.createDirectories(Objects.requireNonNull(checksum.getParent()));
			return Files.write(checksum, ChecksumText.bytes(value.getAsLong()));
		});
	}

	/**
	 * Write the checksum of a file, in the place of another.
	 * @param key the file
	 * @param value the checksum
	 */
	void replace(LtxKey key, long value) {
		Path checksum = path(key);
		this.failures.call("write", checksum,
				() -> this.writer.replace(checksum, null, (out) -> out.write(ChecksumText.bytes(value))));
	}

	/**
	 * Where the checksum of a file is, or would be.
	 */
	Path path(LtxKey key) {
		return this.meta.resolve(ChecksumText.metaName(key));
	}

}
