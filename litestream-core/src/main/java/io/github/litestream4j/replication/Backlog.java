package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.storage.ReplicaStorage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process that has ended captured and could not store. It is part of the history
 * even when the database file is lost.
 */
public final class Backlog {

	private static final Logger logger = LoggerFactory.getLogger(Backlog.class);

	private Backlog() {
	}

	/**
	 * Store what is staged and goes on where the replica ends, up to the first file that
	 * is damaged, and what the replica has lost; nothing when another writer has gone on
	 * there.
	 * @param settings the database's settings
	 * @param storage the replica
	 * @return how many files were stored
	 * @throws LitestreamException when one cannot be stored
	 */
	public static int store(ReplicatorSettings settings, ReplicaStorage storage) {
		try (PositionFile position = new PositionFile(settings.stagingDirectory().resolve("position"))) {
			Optional<CapturePosition> former = position.position();
			Staging staging = new Staging(settings.stagingDirectory());
			if (former.isEmpty() || (staging.names().isEmpty() && staging.kept().names().isEmpty())
					|| !isOfTheSameDatabase(settings, storage)) {
				return 0;
			}
			List<StagedFile> files = StagedHistory.find(storage, ReplicaHistory.of(storage), staging, former)
				.orElse(List.of());
			GenerationLog generations = new GenerationLog(storage, settings.stagingDirectory());
			if (!files.isEmpty()) {
				generations.recall(files.get(files.size() - 1).txid());
			}
			for (StagedFile file : files) {
				generations.announce(file.txid());
				Uploader.store(storage, file);
			}
			if (!files.isEmpty()) {
				logger.warn("{}: stored {} transactions that the last process had left in {}", settings.name(),
						files.size(), settings.stagingDirectory());
			}
			return files.size();
		}
		catch (IOException ex) {
			throw new LitestreamException(
					"Cannot read the staging folder %s: %s".formatted(settings.stagingDirectory(), ex), ex);
		}
	}

	/** What was staged for another replica is left where it is. */
	private static boolean isOfTheSameDatabase(ReplicatorSettings settings, ReplicaStorage storage) {
		Optional<ReplicaIdentity> local = IdentityFile.of(settings).read();
		return local.isEmpty() || ReplicaIdentity.of(storage).equals(local);
	}

}
