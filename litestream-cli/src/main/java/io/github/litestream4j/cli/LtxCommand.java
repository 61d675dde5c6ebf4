package io.github.litestream4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Lists what a replica holds.
 */
@Command(name = "ltx", mixinStandardHelpOptions = true, description = "Lists the files of a replica.")
final class LtxCommand implements Callable<Integer> {

	@Mixin
	private final ReplicaOptions replica = new ReplicaOptions();

	@Option(names = "--level", paramLabel = "<n>", description = "Only this level: 0 to 9, where 9 has the snapshots.")
	private @Nullable Integer level;

	@Option(names = "--exact-times",
			description = "Show when each file's last transaction was captured, as restores to a time see it, and not when the file was stored: on S3 that is one request a file.")
	private boolean exactTimes;

	@Option(names = "--json", description = "Write JSON.")
	private boolean json;

	@Spec
	private @Nullable CommandSpec spec;

	private final Output output;

	private final CleanEnd end;

	LtxCommand(Output output, CleanEnd end) {
		this.output = output;
		this.end = end;
	}

	@Override
	public Integer call() {
		List<Integer> levels = levels();
		try (OpenReplica open = this.end.reading(this.replica.open())) {
			List<FileRow> rows = new ArrayList<>();
			for (int level : levels) {
				open.storage().list(level).forEach((file) -> rows.add(row(open.storage(), file)));
			}
			if (this.json) {
				this.output.json(new Listing(open.storage().url(), rows));
			}
			else {
				FileRow.header(this.output);
				rows.forEach((row) -> row.line(this.output));
			}
			if (rows.isEmpty()) {
				int legacy = open.storage().listLegacy().size();
				this.output.message("There is no LTX file in %s%s", open.storage().url(),
						(legacy > 0) ? ", but " + legacy + " files of Litestream 0.3, which 'restore' reads" : "");
			}
			return CommandLine.ExitCode.OK;
		}
	}

	private List<Integer> levels() {
		if (this.level == null) {
			return IntStream.rangeClosed(0, LtxKey.SNAPSHOT_LEVEL).boxed().toList();
		}
		if ((this.level < 0 || this.level > LtxKey.SNAPSHOT_LEVEL) && this.spec != null) {
			throw new ParameterException(this.spec.commandLine(),
					"--level is 0 to " + LtxKey.SNAPSHOT_LEVEL + ", not " + this.level);
		}
		return List.of(this.level);
	}

	private FileRow row(ReplicaStorage storage, StoredFile file) {
		return FileRow.of(file, this.exactTimes ? storage.timestamp(file) : file.lastModified());
	}

	/**
	 * What is written as JSON.
	 *
	 * @param replica its URL
	 * @param files level by level, ascending
	 */
	record Listing(String replica, List<FileRow> files) {

	}

}
