package io.github.litestream4j.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.history.AuditReport.Finding;
import io.github.litestream4j.history.AuditReport.Kind;
import io.github.litestream4j.history.AuditReport.Level;
import io.github.litestream4j.history.AuditReport.Point;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.FileChains;
import io.github.litestream4j.restore.ReplicaFiles;
import io.github.litestream4j.storage.GenerationName;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Looks for what is wrong with a replica by its listings alone: no file is read. What a
 * damaged file holds only a restore can tell.
 * <p>
 * A history that begins anew with a snapshot leaves a gap in the levels below, which is
 * no hole: the file after the gap goes on from the end of a snapshot, and the record of a
 * generation is named after that TXID. Where there is no record at all, as in
 * Litestream's replicas, the snapshot is enough.
 */
public final class ChainAudit {

	private final ReplicaFiles files;

	private final FileChains chains;

	/** All but those of level 9, ascending. */
	private final List<StoredFile> byStart;

	private final Set<String> records;

	private final Set<Txid> snapshots = new HashSet<>();

	private final List<Finding> findings = new ArrayList<>();

	private ChainAudit(ReplicaFiles files, Collection<String> records) {
		this.files = files;
		this.chains = new FileChains(files.all());
		this.byStart = files.all()
			.stream()
			.filter((file) -> file.key().level() < LtxKey.SNAPSHOT_LEVEL)
			.sorted(Comparator.comparing((file) -> file.key().name()))
			.toList();
		this.records = Set.copyOf(records);
		files.levels()
			.get(LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.filter(StoredShape::isSnapshot)
			.forEach((file) -> this.snapshots.add(file.key().name().max()));
	}

	/**
	 * Audit a replica. While its writer deletes, a listing may show a part of that: so
	 * what looks wrong is looked at twice.
	 * @param storage the replica
	 * @return what was found; without findings for a replica that holds no file
	 * @throws StorageUnavailableException when the replica cannot be listed
	 */
	public static AuditReport of(ReplicaStorage storage) {
		AuditReport report = once(storage);
		return report.isSound() ? report : once(storage);
	}

	private static AuditReport once(ReplicaStorage storage) {
		ChainAudit audit = new ChainAudit(ReplicaFiles.of(storage), storage.listMeta(GenerationName.FOLDER));
		return audit.report(storage);
	}

	/**
	 * What is odd about files that were listed just now.
	 * @param files every file of the replica
	 * @param storage the replica, asked for the records of its generations only
	 */
	static List<Finding> findings(Collection<StoredFile> files, ReplicaStorage storage) {
		List<List<StoredFile>> levels = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			int number = level;
			levels.add(files.stream().filter((file) -> file.key().level() == number).toList());
		}
		ChainAudit audit = new ChainAudit(new ReplicaFiles(levels), storage.listMeta(GenerationName.FOLDER));
		audit.look();
		return List.copyOf(audit.findings);
	}

	private AuditReport report(ReplicaStorage storage) {
		List<Level> levels = look();
		return new AuditReport(storage.url(), levels, this.files.newest(), point(storage, newest()),
				point(storage, oldest()), this.findings);
	}

	private List<Level> look() {
		List<Level> levels = new ArrayList<>();
		for (List<StoredFile> files : this.files.levels()) {
			if (!files.isEmpty()) {
				levels.add(level(files));
			}
		}
		Optional<StoredFile> oldest = oldest();
		if (oldest.isPresent()) {
			reach(oldest.get().key().name().max());
		}
		else if (!this.files.isEmpty()) {
			this.findings.add(new Finding(Kind.NO_SNAPSHOT, this.files.all().get(0).key(),
					"and all other files cannot be restored: there is no snapshot to begin with"));
		}
		this.findings.sort(Comparator.comparing(Finding::kind)
			.thenComparing((finding) -> finding.key().level())
			.thenComparing((finding) -> finding.key().name()));
		return levels;
	}

	private Optional<StoredFile> oldest() {
		return this.chains.firstFrom(Txid.FIRST);
	}

	private Optional<StoredFile> newest() {
		return this.files.all()
			.stream()
			.filter((file) -> this.chains.reaches(file.key().name().max()))
			.max(Comparator.comparing((StoredFile file) -> file.key().name().max())
				.thenComparing((file) -> file.key().level()));
	}

	private static @Nullable Point point(ReplicaStorage storage, Optional<StoredFile> file) {
		return file.map((found) -> new Point(found.key().name().max(), storage.timestamp(found))).orElse(null);
	}

	private Level level(List<StoredFile> byEnd) {
		List<StoredFile> files = byEnd.stream().sorted(Comparator.comparing((file) -> file.key().name())).toList();
		int level = files.get(0).key().level();
		int holes = 0;
		int overlaps = 0;
		StoredFile last = files.get(0);
		for (StoredFile file : files) {
			shape(file);
			if (level != LtxKey.SNAPSHOT_LEVEL && file != last) {
				holes += isHole(last, file) ? 1 : 0;
				overlaps += isOverlap(last, file) ? 1 : 0;
			}
			last = file.key().name().max().isBefore(last.key().name().max()) ? last : file;
		}
		return new Level(level, files.size(), files.stream().mapToLong(StoredFile::size).sum(),
				files.get(0).key().name().min(), last.key().name().max(), holes, overlaps);
	}

	private void shape(StoredFile file) {
		if (!StoredShape.isWhole(file)) {
			add(Kind.TOO_SMALL, file, "has %d bytes, and an LTX file at least %d: a restore that needs it fails",
					file.size(), StoredShape.LEAST_SIZE);
		}
		if (file.key().level() == LtxKey.SNAPSHOT_LEVEL && !file.key().name().isSnapshot()) {
			add(Kind.NOT_A_SNAPSHOT, file, "does not begin with TXID %s: no restore can begin with it", Txid.FIRST);
		}
	}

	private void add(Kind kind, StoredFile file, String meaning, Object... values) {
		this.findings.add(new Finding(kind, file.key(), meaning.formatted(values)));
	}

	private boolean isHole(StoredFile last, StoredFile file) {
		Txid before = new Txid(file.key().name().min().value() - 1);
		Txid end = last.key().name().max();
		if (!before.isAfter(end) || isBeginning(before)) {
			return false;
		}
		if (file.key().level() == 0 && isMerged(end, before)) {
			add(Kind.MERGED, file,
					"follows a hole from TXID %s to %s, which are in merged files: a time there is restored to the state before those",
					end.next(), before);
		}
		else {
			add(Kind.HOLE, file, "follows a hole in its level: TXIDs %s to %s are missing after %s%s", end.next(),
					before, last.key(),
					isHeld(end, before) ? "; other levels have them" : ", and in all other levels, too");
		}
		return true;
	}

	/** Whether a history begins anew with the snapshot of a TXID. */
	private boolean isBeginning(Txid txid) {
		return this.snapshots.contains(txid)
				&& (this.records.isEmpty() || this.records.contains(new GenerationName(txid).toString()));
	}

	private boolean isMerged(Txid after, Txid last) {
		return isCovered(after, last, 1);
	}

	private boolean isHeld(Txid after, Txid last) {
		return isCovered(after, last, 0);
	}

	private boolean isCovered(Txid after, Txid last, int fromLevel) {
		Txid reached = after;
		for (StoredFile file : this.byStart) {
			LtxFileName name = file.key().name();
			if (file.key().level() >= fromLevel && name.max().isAfter(reached) && !name.min().isAfter(reached.next())) {
				reached = name.max();
			}
		}
		return !reached.isBefore(last);
	}

	private Optional<StoredFile> merged(LtxFileName range) {
		return this.files.all()
			.stream()
			.filter(StoredShape::isMerged)
			.filter((file) -> file.key().name().contains(range.min()) && file.key().name().contains(range.max()))
			.findFirst();
	}

	private boolean isOverlap(StoredFile last, StoredFile file) {
		if (file.key().name().min().isAfter(last.key().name().max())) {
			return false;
		}
		add(Kind.OVERLAP, file,
				"shares TXIDs with %s of the same level: they were merged twice, or two writers stored here",
				last.key());
		return true;
	}

	private void reach(Txid oldest) {
		for (List<StoredFile> files : this.files.levels()) {
			unreachable(files, oldest);
			if (!files.isEmpty()) {
				beginning(files, oldest);
			}
		}
		for (int level = 2; level < LtxKey.SNAPSHOT_LEVEL; level++) {
			for (StoredFile file : this.files.levels().get(level)) {
				requireInputs(file, oldest);
			}
		}
	}

	/**
	 * A level is made of the one below it, which is kept for as long.
	 */
	private void requireInputs(StoredFile file, Txid oldest) {
		List<StoredFile> below = this.files.levels().get(file.key().level() - 1);
		Txid reached = new Txid(file.key().name().min().value() - 1);
		reached = reached.isBefore(oldest) ? oldest : reached;
		for (StoredFile input : below) {
			LtxFileName name = input.key().name();
			if (name.max().isAfter(reached) && !name.min().isAfter(reached.next())) {
				reached = name.max();
			}
		}
		if (reached.isBefore(file.key().name().max())) {
			add(Kind.MERGED, file,
					"was made of files of level %d, which lacks TXID %s and what follows it: a time there is restored to the state before",
					file.key().level() - 1, reached.next());
		}
	}

	/**
	 * One finding for each run of files, so that one missing file is not told a thousand
	 * times.
	 */
	private void unreachable(List<StoredFile> files, Txid oldest) {
		List<StoredFile> run = new ArrayList<>();
		Kind kind = Kind.UNREACHABLE;
		for (StoredFile file : files) {
			boolean lost = !this.chains.reaches(file.key().name().max()) && !isEndOfLog(file, oldest);
			Kind next = lost ? kind(file.key().name().max(), oldest) : kind;
			if (!run.isEmpty() && (!lost || next != kind)) {
				tellUnreachable(run, kind, oldest);
				run.clear();
			}
			if (lost) {
				kind = next;
				run.add(file);
			}
		}
		if (!run.isEmpty()) {
			tellUnreachable(run, kind, oldest);
		}
	}

	private Kind kind(Txid unreachable, Txid oldest) {
		if (unreachable.isBefore(oldest)) {
			return Kind.LEFT_OVER;
		}
		Txid next = lastBefore(unreachable).next();
		return merged(new LtxFileName(next, unreachable)).isPresent() ? Kind.MERGED : Kind.UNREACHABLE;
	}

	/** Whether a merged file begins exactly after a state, so that a time means that. */
	private boolean leadsOn(Txid state, StoredFile file) {
		return this.files.all()
			.stream()
			.filter(StoredShape::isMerged)
			.anyMatch((over) -> over.key().name().min().equals(state.next())
					&& over.key().name().contains(file.key().name().max()));
	}

	private Txid lastBefore(Txid txid) {
		return this.chains.lastBefore(txid).map((file) -> file.key().name().max()).orElse(Txid.ZERO);
	}

	/** Retention keeps the newest file of level 0, whatever else goes. */
	private boolean isEndOfLog(StoredFile file, Txid oldest) {
		List<StoredFile> level0 = this.files.levels().get(0);
		return file.key().level() == 0 && file.key().name().max().isBefore(oldest)
				&& file.equals(level0.get(level0.size() - 1));
	}

	private void tellUnreachable(List<StoredFile> run, Kind kind, Txid oldest) {
		StoredFile first = run.get(0);
		String others = (run.size() == 1) ? "" : "and the %d after it, up to %s, ".formatted(run.size() - 1,
				run.get(run.size() - 1).key().name().max());
		Txid last = lastBefore(first.key().name().max());
		switch (kind) {
			case LEFT_OVER -> add(kind, first,
					"%scannot be restored: the oldest snapshot is of TXID %s. What retention left over goes with its next pass; else a snapshot was lost",
					others, oldest);
			case MERGED -> add(kind, first, leadsOn(last, first)
					? "%scannot be told apart any more: a merged file leads across from TXID %s, and a time there is restored to that"
					: "%scannot be restored any more: what came after TXID %s, the last state before, is only in a merged file that begins earlier. A time there is refused, as long as retention has not deleted the rest of what that file holds",
					others, last);
			default -> add(kind, first, "%scannot be restored: no file leads on from TXID %s, the last state before%s",
					others, last, run.stream().anyMatch((file) -> file.key().name().max().equals(this.files.newest()))
							? ". The latest state is among them, so a restore of it fails" : "");
		}
	}

	/**
	 * How a level may begin. Retention takes the files of level 0 that were merged
	 * together all at once, and of merged levels what ends before the oldest state.
	 */
	private void beginning(List<StoredFile> byEnd, Txid oldest) {
		StoredFile first = byEnd.stream().min(Comparator.comparing((file) -> file.key().name())).orElseThrow();
		LtxFileName name = first.key().name();
		int level = first.key().level();
		if (level == 0) {
			merged(name)
				.filter((over) -> over.key().name().min().isBefore(name.min())
						&& name.max().isBefore(over.key().name().max()))
				.ifPresent((over) -> add(Kind.MERGED, first,
						"is the first of level 0, in the middle of %s: a time before it is restored to the state before that file",
						over.key()));
		}
		else if (level < LtxKey.SNAPSHOT_LEVEL && name.min().isAfter(oldest.next())) {
			add(Kind.LATE, first,
					"is the first of its level, but the history begins with TXID %s: other levels have what is between",
					oldest);
		}
	}

}
