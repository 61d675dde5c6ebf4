package io.github.litestream4j.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.LitestreamBinary;

import org.jspecify.annotations.Nullable;

/**
 * Restores what a replica holds, by ours and by the real Litestream, and compares it with
 * the truth. Nothing stores meanwhile.
 */
final class RestoreCheck {

	/** Between the milliseconds that the times of files are of. */
	private static final Duration HALF_A_MILLISECOND = Duration.ofNanos(500_000);

	private final TorturedDatabase database;

	private final Random random;

	private final Counts counts;

	private final Path ours;

	private final Path theirs;

	RestoreCheck(TorturedDatabase database, Random random, Counts counts) {
		this.database = database;
		this.random = random;
		this.counts = counts;
		this.ours = database.folder().resolve("ours.db");
		this.theirs = database.folder().resolve("theirs.db");
	}

	/**
	 * Check the latest state, one of a TXID and one of a time.
	 * @param exact what the latest state must be, or {@code null} for at least what was
	 * stored
	 * @return what the replica holds
	 */
	Reachable check(@Nullable Entry exact) {
		Reachable reachable = Reachable.of(this.database.place().storage());
		latest(reachable, exact);
		if (!reachable.txids().isEmpty()) {
			List<Txid> txids = List.copyOf(reachable.txids());
			txid(txids.get(this.random.nextInt(txids.size())));
			if (reachable.snapshots() > this.database.snapshots()) {
				// Nothing that is stored after it may be needed to make it whole
				txid(reachable.newestSnapshot());
			}
			if (!this.database.robbed()) {
				time(reachable);
			}
		}
		return reachable;
	}

	private void txid(Txid txid) {
		known(restore("TXID " + txid, txid, RestoreRequest.latest(this.ours).to(txid), "-txid", txid.toString()));
	}

	private void latest(Reachable reachable, @Nullable Entry exact) {
		Truth truth = this.database.truth();
		if (!reachable.givesNewest()) {
			if (exact != null || (truth.stored() >= 0 && !this.database.robbed())) {
				throw new Violation("The latest state cannot be restored, though %d was stored: %s"
					.formatted(truth.stored(), describe(reachable)));
			}
			refused(reachable);
			return;
		}
		Entry latest = restore("the latest state", reachable.newest(), RestoreRequest.latest(this.ours));
		if (exact != null && !latest.equals(exact)) {
			throw new Violation("All was stored, up to %s, but the latest state is %s".formatted(exact, latest));
		}
		boolean current = truth.isCurrent(latest);
		if (!truth.isKnown(latest) || (!current && truth.stored() >= 0)) {
			throw new Violation("The latest state, %s, was never committed".formatted(latest));
		}
		if (current && latest.seq() < truth.stored() && !this.database.robbed()) {
			throw new Violation("%d was stored, but the latest state is %s".formatted(truth.stored(), latest));
		}
	}

	private static String describe(Reachable reachable) {
		return reachable.files().size() + " files, restorable up to "
				+ (reachable.txids().isEmpty() ? "nothing" : reachable.txids().last()) + ", named up to "
				+ (reachable.files().isEmpty() ? "nothing" : reachable.newest());
	}

	/** There is a gap, and nothing may be given in the place of the latest state. */
	private void refused(Reachable reachable) {
		delete();
		this.counts.restored();
		try {
			boolean empty = new Restorer(this.database.place().storage()).restore(RestoreRequest.latest(this.ours))
				.isEmpty();
			if (!empty || !reachable.files().isEmpty()) {
				throw new Violation("The latest state has no unbroken chain, and yet it was restored");
			}
		}
		catch (UnreachablePointException ex) {
			if (reachable.files().isEmpty()) {
				throw new Violation("The replica is empty, and yet: " + ex.getMessage(), ex);
			}
		}
	}

	private void time(Reachable reachable) {
		List<StoredFile> files = reachable.files();
		int chosen = this.random.nextInt(files.size());
		Instant time = time(files, chosen).plus(HALF_A_MILLISECOND);
		int last = chosen;
		while (last + 1 < files.size() && !time(files, last + 1).isAfter(time)) {
			last++;
		}
		Txid txid = files.get(last).key().name().max();
		if (last + 1 < files.size() && !reachable.txids().contains(files.get(last + 1).key().name().max())) {
			if (files.stream().noneMatch((file) -> leadsOnFrom(txid, file))) {
				// What came next is lost, and may have been there at that time
				refused(time);
			}
			return;
		}
		// Litestream knows no state after that of its newest file
		if (reachable.txids().contains(txid) && reachable.newest().isAfter(txid) && hasSnapshotBefore(time, files)) {
			known(restore("the state of " + time, txid, RestoreRequest.latest(this.ours).to(time), "-timestamp",
					time.toString()));
		}
	}

	private static boolean leadsOnFrom(Txid txid, StoredFile file) {
		return file.key().level() != LtxKey.SNAPSHOT_LEVEL && file.key().name().max().isAfter(txid)
				&& !file.key().name().min().isAfter(txid.next());
	}

	private void refused(Instant time) {
		delete();
		this.counts.restored();
		try {
			new Restorer(this.database.place().storage()).restore(RestoreRequest.latest(this.ours).to(time));
			throw new Violation("What came after %s is lost, and yet its state was restored".formatted(time));
		}
		catch (UnreachablePointException ex) {
			this.counts.add("times in a hole", 1);
		}
	}

	/** A snapshot that is newer than its last transaction is none for Litestream. */
	private boolean hasSnapshotBefore(Instant time, List<StoredFile> files) {
		return files.stream()
			.filter((file) -> file.key().level() == LtxKey.SNAPSHOT_LEVEL)
			.anyMatch((file) -> this.database.place().storage().timestamp(file).isBefore(time));
	}

	private Instant time(List<StoredFile> files, int index) {
		return this.database.place().storage().timestamp(files.get(index));
	}

	private void known(Entry entry) {
		if (!this.database.truth().isKnown(entry)) {
			throw new Violation("%s was restored, which was never committed".formatted(entry));
		}
	}

	private Entry restore(String what, Txid txid, RestoreRequest request, String... options) {
		delete();
		this.counts.restored();
		RestoreResult result = new Restorer(this.database.place().storage()).restore(request).orElseThrow();
		if (!result.txid().equals(txid)) {
			throw new Violation("%s is TXID %s, but TXID %s was restored".formatted(what, txid, result.txid()));
		}
		this.counts.restored();
		LitestreamBinary.Outcome outcome = this.database.place()
			.litestream()
			.restore(this.database.place().litestreamUrl(), this.theirs, options);
		if (outcome.output().contains("timestamp does not exist")) {
			// Litestream compares with the times of a bucket's listing, of whole seconds
			this.counts.add("times too new for Litestream", 1);
			return LedgerCheck.of(this.ours);
		}
		if (outcome.exitCode() != 0) {
			throw new Violation("Litestream does not restore %s, TXID %s: %s".formatted(what, txid, outcome.output()));
		}
		try {
			long mismatch = Files.mismatch(this.ours, this.theirs);
			if (mismatch >= 0) {
				throw new Violation("%s: ours is %s, Litestream's differs from byte %d on: %s".formatted(what,
						LedgerCheck.of(this.ours), mismatch, LedgerCheck.of(this.theirs)));
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return LedgerCheck.of(this.ours);
	}

	private void delete() {
		for (Path path : List.of(this.ours, this.theirs)) {
			for (String suffix : List.of("", "-wal", "-shm", ".tmp")) {
				TorturedDatabase.delete(path.resolveSibling(path.getFileName() + suffix));
			}
		}
	}

}
