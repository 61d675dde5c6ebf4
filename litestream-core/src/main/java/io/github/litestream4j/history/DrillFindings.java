package io.github.litestream4j.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.litestream4j.history.AuditReport.Finding;
import io.github.litestream4j.history.AuditReport.Kind;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Collects what a drill finds wrong, and how far that reaches.
 */
final class DrillFindings {

	private static final int NAMED = 10;

	private final String url;

	/** All that is listed. */
	private final List<StoredFile> files;

	private final List<String> problems = new ArrayList<>();

	private @Nullable Txid harmed;

	DrillFindings(String url, List<StoredFile> files) {
		this.url = url;
		this.files = files;
	}

	/**
	 * Something that says nothing of the replica.
	 */
	void add(String problem) {
		this.problems.add(problem);
	}

	/**
	 * Something that is wrong with the replica up to a state: a sound snapshot of that
	 * makes up for it.
	 */
	void add(String problem, Txid upTo) {
		this.problems.add(problem);
		harm(upTo);
	}

	private void harm(Txid upTo) {
		this.harmed = (this.harmed == null || upTo.isAfter(this.harmed)) ? upTo : this.harmed;
	}

	void damaged(Map<StoredFile, String> damaged) {
		if (damaged.isEmpty()) {
			return;
		}
		this.problems.removeAll(damaged.values());
		this.problems.add((damaged.size() == 1) ? "A stored file is damaged:"
				: "%d stored files are damaged:".formatted(damaged.size()));
		damaged.values().stream().limit(NAMED).forEach(this.problems::add);
		if (damaged.size() > NAMED) {
			this.problems.add("and %d more".formatted(damaged.size() - NAMED));
		}
		this.problems.add(
				"What needs a damaged file cannot be restored any more: store a new snapshot, from which all that is committed later can, and look for what has damaged the files");
		damaged.keySet().forEach((file) -> harm(file.key().name().max()));
	}

	void lost(Set<LtxKey> lost) {
		if (lost.isEmpty()) {
			return;
		}
		String names = lost.stream().limit(NAMED).map(LtxKey::toString).collect(Collectors.joining(", "));
		this.problems.add(
				"%d files that were stored in %s are not there any more, and retention did not delete them: %s%s. Look for who deletes there (a lifecycle rule, another tool), and store a new snapshot, from which all that is committed later can be restored"
					.formatted(lost.size(), this.url, names, (lost.size() > NAMED) ? ", and more" : ""));
		lost.forEach((key) -> harm(key.name().max()));
	}

	void audited(Collection<Finding> findings) {
		if (findings.isEmpty()) {
			return;
		}
		this.problems.add("The listings of %s show something wrong:".formatted(this.url));
		findings.stream().limit(NAMED).map(Finding::toString).forEach(this.problems::add);
		if (findings.size() > NAMED) {
			this.problems.add("and %d more".formatted(findings.size() - NAMED));
		}
		findings.forEach((finding) -> harm(end(finding)));
	}

	/** Where a state cannot be reached, none can up to the next snapshot. */
	private Txid end(Finding finding) {
		Txid end = finding.key().name().max();
		if (finding.kind() != Kind.UNREACHABLE && finding.kind() != Kind.NO_SNAPSHOT) {
			return end;
		}
		return this.files.stream()
			.filter(StoredShape::isSnapshot)
			.map((file) -> file.key().name().max())
			.filter((snapshot) -> !snapshot.isBefore(end))
			.min(Txid::compareTo)
			.orElseGet(this::newest);
	}

	/**
	 * The newest TXID that is listed, 0 when there is none.
	 */
	Txid newest() {
		return this.files.stream().map((file) -> file.key().name().max()).max(Txid::compareTo).orElse(Txid.ZERO);
	}

	/**
	 * All that is wrong, in sentences.
	 * @return {@code null} when nothing is
	 */
	@Nullable String failure() {
		return this.problems.isEmpty() ? null
				: this.problems.stream().map(DrillFindings::sentence).collect(Collectors.joining(" "));
	}

	private static String sentence(String problem) {
		return (problem.endsWith(".") || problem.endsWith(":")) ? problem : problem + ".";
	}

	/**
	 * Of which state, or a later one, a sound snapshot makes up for all that is wrong.
	 * @return {@code null} when nothing is wrong with the replica
	 */
	@Nullable Txid harmed() {
		return this.harmed;
	}

}
