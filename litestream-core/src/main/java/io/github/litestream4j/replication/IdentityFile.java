package io.github.litestream4j.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.scratch.WholeFile;

/**
 * The file beside a database that says which replica is its own. It is not in the staging
 * folder, so that who loses that keeps this.
 *
 * @param path the file
 */
record IdentityFile(Path path) {

	static IdentityFile of(ReplicatorSettings settings) {
		Path database = settings.database();
		return new IdentityFile(database.resolveSibling("." + database.getFileName() + "-litestream-id"));
	}

	/**
	 * Read it.
	 * @return empty when there is none
	 * @throws ConfigurationException when it cannot be read
	 */
	Optional<ReplicaIdentity> read() {
		byte[] bytes;
		try {
			bytes = Files.readAllBytes(this.path);
		}
		catch (NoSuchFileException ex) {
			return Optional.empty();
		}
		catch (IOException ex) {
			throw new ConfigurationException(
					"%s, which names the replica of the database beside it, cannot be read: %s. Make it readable for this process."
						.formatted(this.path, ex),
					ex);
		}
		return Optional.of(ReplicaIdentity.decode(bytes, this.path.toString()));
	}

	/**
	 * Write it, whole and to survive a loss of power.
	 * @throws ConfigurationException when it cannot be written
	 */
	void write(ReplicaIdentity identity) {
		try {
			WholeFile.writeDurably(this.path, identity.encode());
		}
		catch (IOException ex) {
			throw new ConfigurationException(
					"%s, which names the replica of the database beside it, cannot be written: %s. Make its folder writable for this process."
						.formatted(this.path, ex),
					ex);
		}
	}

}
