package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.history.AuditReport.Finding;
import io.github.litestream4j.history.AuditReport.Kind;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestorePreview;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Proves a replica by using it: restores a state of it into a folder of its own, lets
 * SQLite check that, compares it with the live database where there is one, and reads
 * every other stored file to its checksum. Nothing is changed, and nothing stays behind.
 * For use by one thread at a time.
 * <p>
 * Its result says what is wrong with the replica. Where that could not be found out,
 * since the storage is away or the folder cannot be written, there is an exception and no
 * result.
 */
public final class RestoreDrill {

	/** How much is read in a second at most, in bytes, so that others can read too. */
	public static final long GENTLE = 64_000_000;

	/** As fast as it goes. */
	public static final long UNLIMITED = Long.MAX_VALUE;

	private static final int PARALLELISM = 2;

	/** What a restore needs beside the database: its scratch files, and some room. */
	private static final double ROOM = 1.2;

	private final ReplicaStorage storage;

	private final Path parent;

	private final long bytesPerSecond;

	private final Supplier<? extends Collection<StoredFile>> known;

	private final boolean audits;

	private final ReplicaIndex index;

	private final Clock clock;

	private final Space space;

	/**
	 * Create a drill of a replica of which nothing else is known; nothing is read or
	 * written before it is run. It makes no audit.
	 * @param storage the replica
	 * @param parent the folder in which it makes its own, {@code drill}
	 * @param bytesPerSecond how much it reads in a second at most
	 */
	public RestoreDrill(ReplicaStorage storage, Path parent, long bytesPerSecond) {
		this(storage, parent, bytesPerSecond, List::of, ReplicaIndex.of(List.of()), false, Clock.systemUTC(),
				DrillFolder::usableSpace);
	}

	/**
	 * Create a drill that misses files, too, and audits the listings.
	 * @param storage the replica
	 * @param parent the folder in which it makes its own, {@code drill}
	 * @param bytesPerSecond how much it reads in a second at most
	 * @param known what was stored, and not deleted by whoever stored it: no listing
	 * tells that the last file of a level is lost
	 * @param index told of each stored file what it is found to be
	 */
	public RestoreDrill(ReplicaStorage storage, Path parent, long bytesPerSecond,
			Supplier<? extends Collection<StoredFile>> known, ReplicaIndex index) {
		this(storage, parent, bytesPerSecond, known, index, true, Clock.systemUTC(), DrillFolder::usableSpace);
	}

	RestoreDrill(ReplicaStorage storage, Path parent, long bytesPerSecond,
			Supplier<? extends Collection<StoredFile>> known, ReplicaIndex index, boolean audits, Clock clock,
			Space space) {
		this.known = known;
		this.index = index;
		this.audits = audits;
		this.storage = storage;
		this.parent = parent;
		this.bytesPerSecond = bytesPerSecond;
		this.clock = clock;
		this.space = space;
	}

	/**
	 * Remove what a drill left behind whose process was killed.
	 * @throws IOException when it cannot be deleted
	 */
	public void clear() throws IOException {
		DrillFolder.clear(this.parent);
	}

	/**
	 * Run the drill.
	 * @param live what the restored database is compared with; {@code null} to restore
	 * the newest state, and to compare it with nothing but what its writer stored
	 * @return what was found
	 * @throws IOException when the folder cannot be made or removed
	 * @throws StorageUnavailableException when the storage failed too often
	 * @throws LitestreamException when the folder cannot be written, or the thread is
	 * interrupted
	 */
	public DrillResult run(@Nullable LiveState live) throws IOException {
		return run(live, null);
	}

	/**
	 * Run the drill after another one.
	 * @param live as above
	 * @param doubted what the other one has found harmed, or {@code null}: what only a
	 * restore refutes stays so where there is no room for one
	 * @return what was found
	 */
	DrillResult run(@Nullable LiveState live, @Nullable Txid doubted) throws IOException {
		Instant at = this.clock.instant();
		long start = System.nanoTime();
		PacedStorage paced = new PacedStorage(this.storage, this.bytesPerSecond);
		StoredFiles stored = new StoredFiles(paced, this.index);
		Set<LtxKey> lost = known();
		List<StoredFile> files = stored.list();
		files.forEach((file) -> lost.remove(file.key()));
		// What was deleted meanwhile is not known any more
		lost.retainAll(known());
		DrillFindings findings = new DrillFindings(this.storage.url(), files);
		Txid txid = (live != null) ? live.txid() : findings.newest();
		RestoreResult restored = null;
		try (DrillFolder folder = DrillFolder.open(this.parent)) {
			restored = restore(paced, folder, live, txid, doubted, findings);
		}
		findings.damaged(stored.problems(files));
		findings.lost(lost);
		findings.audited(audit(files));
		String failure = findings.failure();
		return new DrillResult(at, (restored != null) ? restored.txid() : txid, failure == null, failure,
				findings.harmed(), Duration.ofNanos(System.nanoTime() - start), paced.bytesRead(),
				(restored != null) ? restored.pageCount() : 0);
	}

	private @Nullable RestoreResult restore(ReplicaStorage paced, DrillFolder folder, @Nullable LiveState live,
			Txid txid, @Nullable Txid doubted, DrillFindings findings) throws IOException {
		Restorer restorer = new Restorer(paced);
		RestoreRequest request = new RestoreRequest(folder.database(), (live != null) ? live.txid() : null, null,
				IntegrityCheck.QUICK, PARALLELISM);
		try {
			Optional<RestorePreview> plan = restorer.plan(request);
			if (plan.isEmpty()) {
				findings.add("The replica %s holds no file".formatted(this.storage.url()), txid);
				return null;
			}
			Optional<String> scarce = scarceSpace(plan.get(), folder);
			if (scarce.isPresent()) {
				findings.add(scarce.get());
				if (doubted != null) {
					findings.add("What an earlier drill found wrong before TXID %s is not refuted".formatted(doubted),
							doubted);
				}
				return null;
			}
			// It was not empty when it was planned
			RestoreResult restored = restorer.restore(request).orElseThrow();
			if (live != null) {
				// A snapshot of that very state is in doubt itself, however sound it is
				compare(restored, live).ifPresent((problem) -> findings.add(problem, txid.next()));
			}
			return restored;
		}
		catch (CorruptDataException | UnreachablePointException | MissingFileException ex) {
			findings.add(String.valueOf(ex.getMessage()), txid);
			return null;
		}
	}

	/**
	 * How much room a restore needs: that of the database and of what it writes beside
	 * it.
	 * @param plan what would be restored
	 * @return in bytes
	 */
	public static long bytesNeeded(RestorePreview plan) {
		return (long) (plan.pageCount() * plan.pageSize() * ROOM);
	}

	private Optional<String> scarceSpace(RestorePreview plan, DrillFolder folder) throws IOException {
		long needed = bytesNeeded(plan);
		long usable = this.space.usable(folder);
		if (usable >= needed) {
			return Optional.empty();
		}
		return Optional
			.of("There is no room for a restore: the database of %d pages of %d bytes needs %d bytes in %s, and %d are free. Free some, or move the folder to a larger disk (litestream.staging-directory)"
				.formatted(plan.pageCount(), plan.pageSize(), needed, folder, usable));
	}

	private Optional<String> compare(RestoreResult restored, LiveState live) {
		if (restored.checksum() == live.checksum() && restored.pageCount() == live.pages()) {
			return Optional.empty();
		}
		return Optional
			.of("What %s holds at TXID %s is not the live database: it has %d pages with the checksum %016x, and the live database has %d with %016x. Keep the database file safe, and store a new snapshot, from which it can be restored again."
				.formatted(this.storage.url(), live.txid(), restored.pageCount(), restored.checksum(), live.pages(),
						live.checksum()));
	}

	/**
	 * What the listings show, beyond what a pass of retention that was cut short leaves.
	 */
	private List<Finding> audit(List<StoredFile> files) {
		if (!this.audits) {
			return List.of();
		}
		List<Finding> findings = wrong(ChainAudit.findings(files, this.storage));
		// Another process may have been at work while they were listed
		return findings.isEmpty() ? findings : wrong(ChainAudit.of(this.storage).findings());
	}

	private List<Finding> wrong(List<Finding> findings) {
		Set<LtxKey> staying = known();
		return findings.stream()
			.filter((finding) -> !finding.kind().isNote())
			.filter((finding) -> finding.kind() != Kind.LEFT_OVER || staying.contains(finding.key()))
			.toList();
	}

	private Set<LtxKey> known() {
		return this.known.get().stream().map(StoredFile::key).collect(Collectors.toCollection(LinkedHashSet::new));
	}

	/**
	 * Tells how much may be written.
	 */
	@FunctionalInterface
	interface Space {

		long usable(DrillFolder folder) throws IOException;

	}

}
