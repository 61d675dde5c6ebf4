package io.github.litestream4j.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a database that is gone has left beside its place: SQLite would take it for the
 * restored one's own. For use by one thread, once.
 */
final class FormerFiles {

	private static final Logger logger = LoggerFactory.getLogger(FormerFiles.class);

	private static final DateTimeFormatter STALE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private static final String SHM = "-shm";

	private final Path database;

	private final Clock clock;

	/** From where to where. */
	private final Map<Path, Path> moved = new LinkedHashMap<>();

	FormerFiles(Path database, Clock clock) {
		this.database = database;
		this.clock = clock;
	}

	/**
	 * Move them away. All are still there afterwards, so that they can be put back.
	 */
	void moveAway() throws IOException {
		for (String suffix : List.of("-wal", "-journal", SHM)) {
			Path file = this.database.resolveSibling(this.database.getFileName() + suffix);
			if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
				Path away = file.resolveSibling(file.getFileName() + ".stale-" + STALE.format(this.clock.instant()));
				Files.move(file, away);
				this.moved.put(file, away);
			}
		}
	}

	/**
	 * The restored database has its place: what has no content of its own goes.
	 */
	void forget() throws IOException {
		for (Map.Entry<Path, Path> move : this.moved.entrySet()) {
			Path file = move.getKey();
			if (file.toString().endsWith(SHM) || Files.size(move.getValue()) == 0) {
				Files.delete(move.getValue());
				logger.debug("Deleted {}, which belongs to no database", file);
			}
			else {
				logger.warn("Moved {} to {}: its database is gone, and it must not be applied to the restored one",
						file, move.getValue().getFileName());
			}
		}
	}

	/**
	 * Nothing was put in the place, or they belong to a database that has come to be
	 * there meanwhile.
	 * @param cause gets what fails
	 */
	void putBack(Exception cause) {
		for (Map.Entry<Path, Path> move : this.moved.entrySet()) {
			try {
				// Unless that one has got another by now
				Files.move(move.getValue(), move.getKey());
			}
			catch (IOException ex) {
				cause.addSuppressed(ex);
			}
		}
	}

}
