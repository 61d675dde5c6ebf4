package io.github.litestream4j.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.restore.RestoreListener;
import io.github.litestream4j.restore.RestorePreview;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.ReplicaStorage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Restores a database from a replica.
 */
@Command(name = "restore", mixinStandardHelpOptions = true,
		description = "Restores a database from a replica. It appears whole and checked, or not at all; a file that is there is never replaced.")
final class RestoreCommand implements Callable<Integer> {

	@Mixin
	private final ReplicaOptions replica = new ReplicaOptions();

	@Option(names = { "-o", "--output" }, paramLabel = "<file>", description = "The database file to make.")
	private @Nullable Path target;

	@Option(names = "--txid", paramLabel = "<txid>", description = "Restore this transaction's state.")
	private @Nullable Txid txid;

	@Option(names = "--timestamp", paramLabel = "<time>",
			description = "Restore this time's state; ISO 8601 with a zone, as 2026-11-23T20:15:00Z.")
	private @Nullable Instant timestamp;

	@Option(names = "--if-replica-exists", description = "Do nothing, and succeed, when the replica is empty.")
	private boolean ifReplicaExists;

	@Option(names = "--dry-run", description = "Say what would be restored, and from which files.")
	private boolean dryRun;

	@Option(names = "--json", description = "Write the result as JSON.")
	private boolean json;

	@Option(names = "--integrity-check", paramLabel = "none|quick|full", defaultValue = "quick",
			description = "What SQLite is asked before the file appears (${DEFAULT-VALUE}).")
	private IntegrityCheck integrityCheck = IntegrityCheck.QUICK;

	@Option(names = "--parallelism", paramLabel = "<n>", defaultValue = "8",
			description = "How many requests run at once (${DEFAULT-VALUE}).")
	private int parallelism = RestoreRequest.DEFAULT_PARALLELISM;

	@Option(names = "--progress", negatable = true,
			description = "Show a progress bar; on a terminal that is the default.")
	private @Nullable Boolean progress;

	@Spec
	private @Nullable CommandSpec spec;

	private final Output output;

	private final CleanEnd end;

	RestoreCommand(Output output, CleanEnd end) {
		this.output = output;
		this.end = end;
	}

	@Override
	public Integer call() {
		RestoreRequest request = request();
		try (OpenReplica open = this.end.reading(this.replica.open())) {
			return this.dryRun ? preview(open.storage(), request) : restore(open.storage(), request);
		}
	}

	private RestoreRequest request() {
		require(this.target != null || this.dryRun, "Missing required option: '--output=<file>'");
		require(this.txid == null || this.timestamp == null, "--txid and --timestamp exclude each other");
		require(this.parallelism > 0, "--parallelism is at least 1, not " + this.parallelism);
		Path target = (this.target != null) ? this.target : Path.of("");
		return new RestoreRequest(target, this.txid, this.timestamp, this.integrityCheck, this.parallelism);
	}

	private void require(boolean condition, String problem) {
		if (!condition && this.spec != null) {
			throw new ParameterException(this.spec.commandLine(), problem);
		}
	}

	private int preview(ReplicaStorage storage, RestoreRequest request) {
		Optional<RestorePreview> preview = new Restorer(storage).plan(request);
		if (preview.isEmpty()) {
			return nothing(storage);
		}
		RestorePlanView view = RestorePlanView.of(storage.url(), this.target, preview.get());
		if (this.json) {
			this.output.json(view);
		}
		else {
			view.print(this.output);
		}
		return CommandLine.ExitCode.OK;
	}

	private int restore(ReplicaStorage storage, RestoreRequest request) {
		Optional<RestoreResult> result;
		if ((this.progress != null) ? this.progress : this.output.terminal()) {
			try (ProgressBar bar = new ProgressBar(this.output.err())) {
				result = restore(storage, request, bar);
			}
		}
		else {
			result = restore(storage, request, (status) -> {
			});
		}
		if (result.isEmpty()) {
			return nothing(storage);
		}
		RestoredView view = RestoredView.of(storage.url(), request.target(), result.get());
		String state = (view.txid() != null) ? " at TXID " + view.txid() : " from files of Litestream 0.3";
		this.output.message("Restored %s%s: %d pages of %d bytes; read %s of %d files in %s", view.target(), state,
				view.pageCount(), view.pageSize(), Sizes.bytes(view.bytesRead()), view.files(),
				Sizes.time(result.get().took()));
		if (this.json) {
			this.output.json(view);
		}
		return CommandLine.ExitCode.OK;
	}

	private static Optional<RestoreResult> restore(ReplicaStorage storage, RestoreRequest request,
			RestoreListener listener) {
		return new Restorer(storage, listener).restore(request);
	}

	private int nothing(ReplicaStorage storage) {
		if (this.json) {
			this.output.json(new NothingView(storage.url(), false));
		}
		this.output.message("The replica %s holds no file: there is nothing to restore%s", storage.url(),
				this.ifReplicaExists ? "" : ". Is the URL right?");
		return this.ifReplicaExists ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
	}

	/**
	 * An empty replica, as JSON.
	 *
	 * @param replica its URL
	 * @param restored whether anything was restored
	 */
	record NothingView(String replica, boolean restored) {

	}

	/**
	 * A restored database, as JSON.
	 *
	 * @param replica the replica's URL
	 * @param target the database file
	 * @param restored whether anything was restored
	 * @param txid the transaction that it stands at, 16 hex digits; {@code null} where it
	 * was restored from files of Litestream 0.3, which has none
	 * @param pageSize in bytes
	 * @param pageCount its size in pages
	 * @param checksum of the whole database as LTX defines it, 16 hex digits;
	 * {@code null} likewise
	 * @param files how many stored files it was read from
	 * @param bytesRead how many bytes the storage delivered
	 * @param millis how long it took
	 */
	record RestoredView(String replica, String target, boolean restored, @Nullable String txid, int pageSize,
			long pageCount, @Nullable String checksum, int files, long bytesRead, long millis) {

		static RestoredView of(String replica, Path target, RestoreResult result) {
			boolean legacy = result.txid().equals(Txid.ZERO);
			return new RestoredView(replica, target.toAbsolutePath().normalize().toString(), true,
					legacy ? null : result.txid().toString(), result.pageSize(), result.pageCount(),
					legacy ? null : "%016x".formatted(result.checksum()), result.files(), result.bytesRead(),
					result.took().toMillis());
		}

	}

}
