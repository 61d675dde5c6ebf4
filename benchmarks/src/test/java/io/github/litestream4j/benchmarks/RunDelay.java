package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * How long the thread that made it was ready to run and had no processor: what a busy
 * machine adds to a measurement. Known on Linux only, 0 elsewhere. For use by that
 * thread, until the process ends.
 */
final class RunDelay {

	private static final Path SOURCE = Path.of("/proc/thread-self/schedstat");

	private final @Nullable RandomAccessFile source;

	private final byte[] bytes = new byte[128];

	RunDelay() {
		try {
			this.source = Files.isReadable(SOURCE) ? new RandomAccessFile(SOURCE.toFile(), "r") : null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** So far. */
	long nanos() {
		RandomAccessFile file = this.source;
		if (file == null) {
			return 0;
		}
		try {
			file.seek(0);
			int length = Math.max(file.read(this.bytes), 0);
			String[] fields = new String(this.bytes, 0, length, StandardCharsets.US_ASCII).trim().split(" ");
			return (fields.length > 1) ? Long.parseLong(fields[1]) : 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
