package io.github.litestream4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts the shared server with the first test that wants it, and removes it with the
 * JVM.
 */
final class SharedS3Server {

	static final S3Server INSTANCE = start();

	private SharedS3Server() {
	}

	private static S3Server start() {
		try {
			Path folder = Files.createTempDirectory("s3-server-");
			S3Server server = S3Server.in(folder).start();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(server, folder), "remove-s3-server"));
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void remove(S3Server server, Path folder) {
		server.stop();
		try (Stream<Path> files = Files.walk(folder)) {
			List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
			for (Path file : deepestFirst) {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
