package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.WholeFile;
import io.github.litestream4j.storage.MetaDocument;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small local file that keeps a drill's result over a restart. One that cannot be
 * read counts as none: the next drill comes the sooner, and says again what is wrong.
 */
final class DrillNote {

	private static final Logger logger = LoggerFactory.getLogger(DrillNote.class);

	private final Path file;

	private final String replica;

	/**
	 * A note of drills.
	 * @param file the file
	 * @param replica which replica they are of: what is noted of another one is nothing
	 */
	DrillNote(Path file, String replica) {
		this.file = file;
		this.replica = replica;
	}

	Optional<DrillResult> read() {
		try {
			MetaDocument document = MetaDocument.decode(Files.readAllBytes(this.file), this.file.toString());
			return document.get("replica").equals(this.replica) ? Optional.of(result(document)) : Optional.empty();
		}
		catch (NoSuchFileException ex) {
			return Optional.empty();
		}
		catch (IOException | CorruptDataException | IllegalArgumentException | DateTimeException ex) {
			logger.warn("The result of the last restore drill is lost, {} cannot be read: {}", this.file,
					ex.toString());
			return Optional.empty();
		}
	}

	private static DrillResult result(MetaDocument document) {
		String failure = document.find("failure").orElse(null);
		return new DrillResult(Instant.parse(document.get("at")), Txid.parse(document.get("txid")), failure == null,
				failure, document.find("harmed").map(Txid::parse).orElse(null), Duration.parse(document.get("took")),
				Long.parseLong(document.get("bytes")), Long.parseLong(document.get("pages")));
	}

	void write(DrillResult result) throws IOException {
		Map<String, String> members = new LinkedHashMap<>();
		members.put("replica", this.replica);
		members.put("at", result.at().toString());
		members.put("txid", result.txid().toString());
		members.put("took", result.took().toString());
		members.put("bytes", Long.toString(result.bytes()));
		members.put("pages", Long.toString(result.pages()));
		String failure = result.failure();
		if (failure != null) {
			members.put("failure", failure);
		}
		Txid harmed = result.harmed();
		if (harmed != null) {
			members.put("harmed", harmed.toString());
		}
		WholeFile.write(this.file, MetaDocument.encode(members));
	}

}
