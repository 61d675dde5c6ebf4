package io.github.litestream4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.history.AuditReport;
import io.github.litestream4j.history.ChainAudit;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.RestoreDrill;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.RestorePreview;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.ReplicaStorage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Proves a replica by restoring it.
 */
@Command(name = "verify", mixinStandardHelpOptions = true,
		description = "Proves a replica: looks for holes in its history, restores its newest state into a temporary folder, checks that, and reads every file to its checksum.",
		footer = { "",
				"Exit codes: 0 proven, 1 not proven (the message says why), 2 wrong command line, 3 could not be run, which says nothing about the replica (the message says why)." })
final class VerifyCommand implements Callable<Integer> {

	/** The exit code when nothing was found out. */
	private static final int NOT_RUN = 3;

	@Mixin
	private final ReplicaOptions replica = new ReplicaOptions();

	@Option(names = "--folder", paramLabel = "<folder>",
			description = "Where there is room for the database for a while; otherwise the system's temporary folder.")
	private @Nullable Path folder;

	@Option(names = "--json", description = "Write the result as JSON.")
	private boolean json;

	private final Output output;

	private final CleanEnd end;

	VerifyCommand(Output output, CleanEnd end) {
		this.output = output;
		this.end = end;
	}

	@Override
	public Integer call() throws IOException {
		try (OpenReplica open = this.end.reading(this.replica.open())) {
			return verify(open.storage());
		}
		catch (CorruptDataException | UnreachablePointException | MissingFileException ex) {
			// That is a verdict
			throw ex;
		}
		catch (LitestreamException | IOException ex) {
			if (Thread.currentThread().isInterrupted()) {
				throw ex;
			}
			this.output.message("%s could not be verified, which says nothing about it: %s", this.replica.url(),
					(ex instanceof LitestreamException) ? String.valueOf(ex.getMessage()) : ex);
			return NOT_RUN;
		}
	}

	private int verify(ReplicaStorage storage) throws IOException {
		AuditReport audit = ChainAudit.of(storage);
		audit.findings()
			.forEach((finding) -> this.output.message("%s: %s", finding.kind().isNote() ? "Note" : "Wrong", finding));
		DrillResult drill = drill(storage);
		if (Thread.currentThread().isInterrupted()) {
			throw new LitestreamException("The verification of " + storage.url() + " was interrupted");
		}
		boolean passed = audit.isSound() && drill.passed();
		tell(storage.url(), passed, drill);
		if (this.json) {
			this.output.json(new Verdict(storage.url(), passed, AuditView.of(audit), DrillView.of(drill)));
		}
		return passed ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
	}

	private void tell(String url, boolean passed, DrillResult drill) {
		boolean known = !drill.txid().equals(Txid.ZERO);
		String state = known ? "its newest state, TXID " + drill.txid() : "its newest state";
		if (drill.passed()) {
			this.output.message("%s %s: %s was restored and checked (%d pages); read %s in %s", url,
					passed ? "is sound" : "is not sound, but can be restored", known ? state + "," : state,
					drill.pages(), Sizes.bytes(drill.bytes()), Sizes.time(drill.took()));
		}
		else {
			String of = known ? state + ": " : "";
			this.output.message("%s is not sound: %s%s", url, of, String.valueOf(drill.failure()));
		}
	}

	private DrillResult drill(ReplicaStorage storage) throws IOException {
		Path parent = temporaryFolder();
		this.end.delete(parent);
		try {
			requireRoom(storage, parent);
			return new RestoreDrill(storage, parent, RestoreDrill.UNLIMITED).run(null);
		}
		finally {
			Files.deleteIfExists(parent);
		}
	}

	private static void requireRoom(ReplicaStorage storage, Path folder) throws IOException {
		Optional<RestorePreview> plan;
		try {
			plan = new Restorer(storage).plan(RestoreRequest.latest(folder.resolve("restored.db")));
		}
		catch (CorruptDataException | UnreachablePointException | MissingFileException ex) {
			// The drill finds it too, and more than that
			return;
		}
		long needed = plan.map(RestoreDrill::bytesNeeded).orElse(0L);
		long usable = Files.getFileStore(folder).getUsableSpace();
		if (usable < needed) {
			throw new ConfigurationException(
					"There is no room to restore it: that needs %s in %s, where %s are free. Name another folder with --folder"
						.formatted(Sizes.bytes(needed), folder.getParent(), Sizes.bytes(usable)));
		}
	}

	private Path temporaryFolder() {
		try {
			return (this.folder != null) ? Files.createTempDirectory(this.folder, "litestream-verify-")
					: Files.createTempDirectory("litestream-verify-");
		}
		catch (IOException ex) {
			throw new ConfigurationException("A temporary folder cannot be made: " + ex
					+ "; name one that is there and can be written with --folder", ex);
		}
	}

	/**
	 * The result, as JSON.
	 *
	 * @param replica the replica's URL
	 * @param passed whether all is as it must be
	 * @param audit what the listings say
	 * @param drill what the restore found
	 */
	record Verdict(String replica, boolean passed, AuditView audit, DrillView drill) {

	}

	/**
	 * A drill, as JSON.
	 *
	 * @param at when it began
	 * @param txid the state that was restored, 16 hex digits
	 * @param passed whether it passed
	 * @param failure what is wrong, {@code null} when it passed
	 * @param pages the restored database's size in pages
	 * @param bytesRead how many bytes the storage delivered
	 * @param millis how long it took
	 */
	record DrillView(Instant at, String txid, boolean passed, @Nullable String failure, long pages, long bytesRead,
			long millis) {

		static DrillView of(DrillResult result) {
			return new DrillView(result.at(), result.txid().toString(), result.passed(), result.failure(),
					result.pages(), result.bytes(), result.took().toMillis());
		}

	}

}
