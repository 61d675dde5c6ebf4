package io.github.litestream4j.history;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.WholeFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small local file that keeps a drill's result over a restart. It decides nothing but
 * when the next drill comes, so that one which cannot be read counts as none.
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
		Properties properties = new Properties();
		try (Reader reader = Files.newBufferedReader(this.file)) {
			properties.load(reader);
			return this.replica.equals(properties.getProperty("replica")) ? Optional.of(result(properties))
					: Optional.empty();
		}
		catch (NoSuchFileException ex) {
			return Optional.empty();
		}
		catch (IOException | IllegalArgumentException | DateTimeException ex) {
			logger.warn("The result of the last restore drill is lost, {} cannot be read: {}", this.file,
					ex.toString());
			return Optional.empty();
		}
	}

	private static DrillResult result(Properties properties) {
		String failure = properties.getProperty("failure");
		return new DrillResult(Instant.parse(get(properties, "at")), Txid.parse(get(properties, "txid")),
				failure == null, failure, harmed(properties), Duration.parse(get(properties, "took")),
				Long.parseLong(get(properties, "bytes")), Long.parseLong(get(properties, "pages")));
	}

	private static @Nullable Txid harmed(Properties properties) {
		String harmed = properties.getProperty("harmed");
		return (harmed != null) ? Txid.parse(harmed) : null;
	}

	private static String get(Properties properties, String name) {
		String value = properties.getProperty(name);
		if (value == null) {
			throw new IllegalArgumentException("there is no '" + name + "' in it");
		}
		return value;
	}

	void write(DrillResult result) throws IOException {
		Properties properties = new Properties();
		properties.setProperty("replica", this.replica);
		properties.setProperty("at", result.at().toString());
		properties.setProperty("txid", result.txid().toString());
		properties.setProperty("took", result.took().toString());
		properties.setProperty("bytes", Long.toString(result.bytes()));
		properties.setProperty("pages", Long.toString(result.pages()));
		String failure = result.failure();
		if (failure != null) {
			properties.setProperty("failure", failure);
		}
		Txid harmed = result.harmed();
		if (harmed != null) {
			properties.setProperty("harmed", harmed.toString());
		}
		StringWriter text = new StringWriter();
		properties.store(text, null);
		WholeFile.write(this.file, text.toString().getBytes(StandardCharsets.UTF_8));
	}

}
