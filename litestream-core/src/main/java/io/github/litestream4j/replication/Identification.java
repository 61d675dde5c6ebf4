package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.storage.ReplicaStorage;

import org.jspecify.annotations.Nullable;

/**
 * Whether a replica is that of a database.
 *
 * @param standing what follows from it
 * @param remote the replica's identity, if it has one
 * @param chosen the identity that both have from now on; empty when one is still to be
 * made
 */
record Identification(Standing standing, Optional<ReplicaIdentity> remote, Optional<ReplicaIdentity> chosen) {

	private static final String PROPERTY = "litestream.replica.new-history";

	/**
	 * Compare the identities of both sides.
	 * @param settings the database
	 * @param storage the replica
	 * @param history what the replica holds
	 * @param pageSize the database's, empty when there is no file
	 * @param restored whether the file was restored from this replica just now
	 * @throws ConfigurationException when the replica is not that of the database
	 */
	static Identification of(ReplicatorSettings settings, ReplicaStorage storage, ReplicaHistory history,
			OptionalInt pageSize, boolean restored) {
		Optional<ReplicaIdentity> local = IdentityFile.of(settings).read();
		Optional<ReplicaIdentity> remote = ReplicaIdentity.of(storage);
		if (remote.isEmpty()) {
			return ofNameless(settings, storage, history, local, restored);
		}
		if (restored) {
			return new Identification(Standing.SAME, remote, remote);
		}
		String id = remote.get().id();
		if (local.isPresent() && local.get().id().equals(id)) {
			return new Identification(Standing.SAME, remote, remote);
		}
		if (settings.newHistory() != null) {
			requireIdentity(settings, storage, settings.newHistory(), remote);
			return new Identification(Standing.TAKES_OVER, remote, remote);
		}
		if (local.isEmpty() && history.isEmpty()) {
			return new Identification(Standing.STRANGE, remote, remote);
		}
		if (local.isEmpty() && pageSize.isPresent() && pageSize.getAsInt() == remote.get().pageSize()) {
			return new Identification(Standing.UNPROVEN, remote, remote);
		}
		throw refused(settings, storage, local, remote.get(), pageSize);
	}

	private static Identification ofNameless(ReplicatorSettings settings, ReplicaStorage storage,
			ReplicaHistory history, Optional<ReplicaIdentity> local, boolean restored) {
		if (settings.newHistory() != null) {
			requireIdentity(settings, storage, settings.newHistory(), Optional.empty());
		}
		if (history.isEmpty()) {
			return new Identification(Standing.SAME, Optional.empty(), local);
		}
		// The identity that we have is that of another replica, and so is our position
		boolean strange = local.isPresent() && !restored;
		return new Identification(strange ? Standing.STRANGE : Standing.SAME, Optional.empty(), Optional.empty());
	}

	private static void requireIdentity(ReplicatorSettings settings, ReplicaStorage storage, String named,
			Optional<ReplicaIdentity> remote) {
		if (remote.isEmpty() || !remote.get().id().equals(named)) {
			throw new ConfigurationException(
					"%s of %s names the replica '%s', but the replica %s has %s. Name the id of the replica in which a new history of this database is to begin, or remove the property."
						.formatted(PROPERTY, settings.database(), named, storage.url(),
								remote.map((found) -> "the id " + found.id()).orElse("no identity yet")));
		}
	}

	private static ConfigurationException refused(ReplicatorSettings settings, ReplicaStorage storage,
			Optional<ReplicaIdentity> local, ReplicaIdentity remote, OptionalInt pageSize) {
		return new ConfigurationException(
				"The replica %s is not that of the database %s: the replica has the identity %s (page size %d), %s (%s). If the URL is wrong, correct litestream.replica.url. If this database is to take the replica over, with a new history after the one that is there, set %s=%s (or litestream.databases.<name>.replica.new-history)."
					.formatted(storage.url(), settings.database(), remote.id(), remote.pageSize(),
							local.map((found) -> "the database has " + found.id())
								.orElse("this database has no identity"),
							pageSize.isPresent() ? "page size " + pageSize.getAsInt() : "there is no file yet",
							PROPERTY, remote.id()));
	}

	/**
	 * To be thrown when an unproven database turns out to be another one.
	 */
	static ConfigurationException refused(ReplicatorSettings settings, ReplicaStorage storage, ReplicaIdentity remote,
			int pageSize) {
		return refused(settings, storage, Optional.empty(), remote, OptionalInt.of(pageSize));
	}

	/**
	 * Give both sides the same identity, the local side first: what is there without the
	 * other was left by a crash.
	 * @param pageSize the database's, in bytes
	 * @param positionFile gives up a position that was left for another replica
	 * @throws ConfigurationException when another database was faster
	 */
	void settle(ReplicatorSettings settings, ReplicaStorage storage, int pageSize, PositionFile positionFile)
			throws IOException {
		ReplicaIdentity identity = this.chosen.orElseGet(() -> ReplicaIdentity.create(pageSize));
		// The staging folder need not lie beside the database, nor come from it
		boolean ofAnother = this.standing != Standing.SAME || !positionFile.isIn(identity).orElse(true);
		if (ofAnother && positionFile.position().isPresent()) {
			positionFile.clear(positionFile.position().get().txid());
			positionFile.force();
		}
		positionFile.belongsTo(identity);
		IdentityFile file = IdentityFile.of(settings);
		if (!file.read().equals(Optional.of(identity))) {
			file.write(identity);
		}
		if (this.remote.isEmpty() && !storage.putMetaIfAbsent(ReplicaIdentity.NAME, identity.encode())) {
			// An answer was lost, or somebody was faster
			Optional<ReplicaIdentity> found = ReplicaIdentity.of(storage);
			if (found.isPresent() && !found.get().equals(identity)) {
				throw refused(settings, storage, Optional.of(identity), found.get(), OptionalInt.of(pageSize));
			}
		}
	}

	/**
	 * Why the history has to begin anew, whatever the position says.
	 * @return {@code null} when it may go on
	 */
	@Nullable String newBeginning() {
		return switch (this.standing) {
			case SAME, UNPROVEN -> null;
			case STRANGE -> "replica-changed";
			case TAKES_OVER -> "new-history";
		};
	}

	/** How a database stands to a replica. */
	enum Standing {

		/** The replica is the database's, and so is the position that was left. */
		SAME,

		/** The replica is the database's from now on, but the position is not. */
		STRANGE,

		/** The user says that the replica is the database's from now on. */
		TAKES_OVER,

		/** Only the whole content of the database can tell. */
		UNPROVEN

	}

}
