package io.github.litestream4j.torture;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;

/**
 * How an application runs, as arguments of its process.
 *
 * @param database the database
 * @param journal its journal
 * @param replica where it is stored: a folder, or {@code http://host:port/bucket/prefix}
 * @param syncMillis the sync interval
 * @param checkpointPages from how many frames on there is a checkpoint
 * @param checkpointMillis after what time there is one
 * @param threads how many threads write
 * @param reader whether one reads for long, so that the WAL can seldom be restarted
 * @param bigOnes one row in so many is big, 0 for none
 * @param failures how many calls of a folder's storage fail, in percent
 * @param slowPuts how long a folder's storage takes for 64 KiB of a snapshot, in ms
 * @param timeoutMillis how long the S3 client waits
 * @param retries whether the S3 client tries again by itself
 * @param shortHistory whether files are merged and deleted within seconds
 * @param seed of everything random
 */
record ApplicationSettings(Path database, Path journal, String replica, int syncMillis, int checkpointPages,
		int checkpointMillis, int threads, boolean reader, int bigOnes, int failures, int slowPuts, int timeoutMillis,
		boolean retries, boolean shortHistory, long seed) {

	private static final HistorySettings SHORT_HISTORY = new HistorySettings(
			List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3)), Duration.ofSeconds(2),
			Duration.ofSeconds(3), Duration.ofSeconds(20), true, false, Duration.ofSeconds(4));

	List<String> arguments() {
		List<String> arguments = new ArrayList<>();
		for (Object one : List.of(this.database, this.journal, this.replica, this.syncMillis, this.checkpointPages,
				this.checkpointMillis, this.threads, this.reader, this.bigOnes, this.failures, this.slowPuts,
				this.timeoutMillis, this.retries, this.shortHistory, this.seed)) {
			arguments.add(one.toString());
		}
		return arguments;
	}

	static ApplicationSettings parse(String[] arguments) {
		Iterator<String> rest = List.of(arguments).iterator();
		return new ApplicationSettings(Path.of(rest.next()), Path.of(rest.next()), rest.next(), number(rest),
				number(rest), number(rest), number(rest), flag(rest), number(rest), number(rest), number(rest),
				number(rest), flag(rest), flag(rest), Long.parseLong(rest.next()));
	}

	private static int number(Iterator<String> rest) {
		return Integer.parseInt(rest.next());
	}

	private static boolean flag(Iterator<String> rest) {
		return Boolean.parseBoolean(rest.next());
	}

	boolean isS3() {
		return this.replica.startsWith("http:");
	}

	URI endpoint() {
		URI uri = URI.create(this.replica);
		return URI.create("http://" + uri.getAuthority());
	}

	String bucket() {
		return URI.create(this.replica).getPath().split("/")[1];
	}

	String prefix() {
		return URI.create(this.replica).getPath().split("/")[2];
	}

	ReplicatorSettings replication() {
		return ReplicatorSettings.of("app", this.database)
			.withSyncInterval(Duration.ofMillis(this.syncMillis))
			.with(new CheckpointSettings(this.checkpointPages, Duration.ofMillis(this.checkpointMillis),
					this.checkpointPages + 500))
			.with(this.shortHistory ? SHORT_HISTORY : HistorySettings.DEFAULT);
	}

}
