package io.github.litestream4j.cli;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;

import io.github.litestream4j.replication.Generation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Lists where a replica's history began anew, and why.
 */
@Command(name = "generations", mixinStandardHelpOptions = true,
		description = "Lists where the history of a replica began anew, and why.")
final class GenerationsCommand implements Callable<Integer> {

	private static final String FORMAT = "%-36s  %-16s  %-27s  %-18s  %s";

	@Mixin
	private final ReplicaOptions replica = new ReplicaOptions();

	@Option(names = "--json", description = "Write JSON.")
	private boolean json;

	private final Output output;

	private final CleanEnd end;

	GenerationsCommand(Output output, CleanEnd end) {
		this.output = output;
		this.end = end;
	}

	@Override
	public Integer call() {
		try (OpenReplica open = this.end.reading(this.replica.open())) {
			List<Row> rows = Generation.all(open.storage()).stream().map(Row::of).toList();
			if (this.json) {
				this.output.json(new Listing(open.storage().url(), rows));
			}
			else {
				this.output.line(FORMAT, "ID", "FIRST TXID", "STARTED", "REASON", "WRITER");
				rows.forEach((row) -> this.output.line(FORMAT, row.id(), row.firstTxid(), row.startedAt(), row.reason(),
						row.writer()));
			}
			if (rows.isEmpty()) {
				this.output.message("There is no record of a generation in %s: Litestream itself writes none",
						open.storage().url());
			}
			return CommandLine.ExitCode.OK;
		}
	}

	/**
	 * What is written as JSON.
	 *
	 * @param replica its URL
	 * @param generations in order, the newest last
	 */
	record Listing(String replica, List<Row> generations) {

	}

	/**
	 * A generation.
	 *
	 * @param id a UUID
	 * @param firstTxid its first transaction, 16 hex digits
	 * @param startedAt when it began
	 * @param reason why the history had to begin anew
	 * @param writer the process that began it
	 */
	record Row(String id, String firstTxid, Instant startedAt, String reason, String writer) {

		static Row of(Generation generation) {
			return new Row(generation.id(), generation.firstTxid().toString(), generation.startedAt(),
					generation.reason(), generation.writer());
		}

	}

}
