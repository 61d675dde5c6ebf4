package io.github.litestream4j.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Writes how each test ended, a line a test, for the table that {@code matrix/run}
 * prints.
 */
final class Cells implements TestWatcher {

	@Override
	public void testSuccessful(ExtensionContext context) {
		write(context, "ok");
	}

	@Override
	public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
		write(context, "**fails**");
	}

	/** A test that this environment has nothing for. */
	@Override
	public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
		write(context, "–");
	}

	@Override
	public void testDisabled(ExtensionContext context, Optional<String> reason) {
		write(context, "–");
	}

	private static void write(ExtensionContext context, String outcome) {
		Path file = Path.of(System.getProperty("matrix.cells"));
		try {
			Files.createDirectories(file.getParent());
			Files.writeString(file, context.getDisplayName() + "\t" + outcome + "\n", StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
