package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.ReplicaIndex;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
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
	 * @throws ConfigurationException when something is staged that goes on with another
	 * replica, and would be lost
	 * @throws ConflictException when another writer has gone on there since it was listed
	 * @throws LitestreamException when one cannot be stored
	 */
	public static int store(ReplicatorSettings settings, ReplicaStorage storage) {
		return store(settings, storage, LogEnd.Time.SYSTEM);
	}

	static int store(ReplicatorSettings settings, ReplicaStorage storage, LogEnd.Time time) {
		try (PositionFile position = new PositionFile(settings.stagingDirectory().resolve("position"))) {
			Optional<CapturePosition> former = position.position();
			Staging staging = new Staging(settings.stagingDirectory());
			if (former.isEmpty() || (staging.names().isEmpty() && staging.kept().names().isEmpty())) {
				return 0;
			}
			LogEnd.Moment listed = time.now();
			ReplicaHistory history = ReplicaHistory.of(storage);
			if (!isOfTheSameDatabase(settings, storage, history, position)) {
				requireNothingStaged(settings, storage, staging, former.get());
				return 0;
			}
			List<StagedFile> files = StagedHistory.find(storage, history, staging, former).orElse(List.of());
			ReplicaIndex index = ReplicaIndex.of(history.files());
			return store(settings, storage, files, index, new LogEnd(storage, index, time, listed));
		}
		catch (IOException ex) {
			throw new LitestreamException(
					"Cannot read the staging folder %s: %s".formatted(settings.stagingDirectory(), ex), ex);
		}
	}

	private static int store(ReplicatorSettings settings, ReplicaStorage storage, List<StagedFile> files,
			ReplicaIndex index, LogEnd end) throws IOException {
		if (files.isEmpty()) {
			return 0;
		}
		GenerationLog generations = new GenerationLog(storage, settings.stagingDirectory());
		generations.recall(files.get(files.size() - 1).txid());
		for (StagedFile file : files) {
			generations.announce(file.txid());
			end.store(file);
			index.add(file.key(), file.content().length());
		}
		logger.warn("{}: stored {} transactions that the last process had left in {}", settings.name(), files.size(),
				settings.stagingDirectory());
		return files.size();
	}

	/**
	 * By the position's own word, else by that of the identity beside the database, which
	 * is lost more easily. A replica that has lost its own is proven by the files of
	 * level 0 that both have, see {@link StagedHistory}.
	 */
	private static boolean isOfTheSameDatabase(ReplicatorSettings settings, ReplicaStorage storage,
			ReplicaHistory history, PositionFile position) {
		Optional<ReplicaIdentity> local = IdentityFile.of(settings).read();
		Optional<ReplicaIdentity> remote = ReplicaIdentity.of(storage);
		if (remote.isPresent()) {
			return position.isIn(remote.get()).orElseGet(() -> local.isEmpty() || local.equals(remote));
		}
		return local.isEmpty() || history.files().stream().anyMatch((file) -> file.key().level() == 0);
	}

	private static void requireNothingStaged(ReplicatorSettings settings, ReplicaStorage storage, Staging staging,
			CapturePosition position) throws IOException {
		List<Txid> staged = staging.names()
			.stream()
			.map(LtxFileName::max)
			.filter((txid) -> !txid.isAfter(position.txid()))
			.toList();
		if (!staged.isEmpty()) {
			throw new ConfigurationException(
					"The database %s is missing, and %s holds its transactions from TXID %s to %s, which are stored nowhere and go on with another replica than %s. If the URL is wrong, correct litestream.replica.url. To lose those transactions, delete %s."
						.formatted(settings.database(), settings.stagingDirectory(), staged.get(0),
								staged.get(staged.size() - 1), storage.url(), settings.stagingDirectory()));
		}
	}

}
