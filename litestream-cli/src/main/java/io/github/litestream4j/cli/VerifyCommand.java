package io.github.litestream4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.history.AuditReport;
import io.github.litestream4j.history.ChainAudit;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.RestoreDrill;
import io.github.litestream4j.ltx.Txid;
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
		footer = { "", "Exit codes: 0 proven, 1 not proven (the message says why), 2 wrong command line." })
final class VerifyCommand implements Callable<Integer> {

	@Mixin
	private final ReplicaOptions replica = new ReplicaOptions();

	@Option(names = "--folder", paramLabel = "<folder>",
			description = "Where there is room for the database for a while; otherwise the system's temporary folder.")
	private @Nullable Path folder;

	@Option(names = "--json", description = "Write the result as JSON.")
	private boolean json;

	private final Output output;

	VerifyCommand(Output output) {
		this.output = output;
	}

	@Override
	public Integer call() throws IOException {
		try (OpenReplica open = this.replica.open()) {
			AuditReport audit = ChainAudit.of(open.storage());
			audit.findings()
				.forEach((finding) -> this.output.message("%s: %s", finding.kind().isNote() ? "Note" : "Wrong",
						finding));
			DrillResult drill = drill(open);
			boolean passed = audit.isSound() && drill.passed();
			tell(open.storage().url(), passed, drill);
			if (this.json) {
				this.output.json(new Verdict(open.storage().url(), passed, AuditView.of(audit), DrillView.of(drill)));
			}
			return passed ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
		}
	}

	private void tell(String url, boolean passed, DrillResult drill) {
		String state = drill.txid().equals(Txid.ZERO) ? "its newest state" : "its newest state, TXID " + drill.txid();
		if (drill.passed()) {
			this.output.message("%s %s: %s, was restored and checked (%d pages); read %s in %s", url,
					passed ? "is sound" : "is not sound, but can be restored", state, drill.pages(),
					Sizes.bytes(drill.bytes()), Sizes.time(drill.took()));
		}
		else {
			this.output.message("%s is not sound: %s: %s", url, state, String.valueOf(drill.failure()));
		}
	}

	private DrillResult drill(OpenReplica open) throws IOException {
		Path parent = temporaryFolder();
		try {
			return new RestoreDrill(open.storage(), parent, RestoreDrill.UNLIMITED).run(null);
		}
		finally {
			Files.deleteIfExists(parent);
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
