package io.github.litestream4j.storage;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes of known length that can be read more than once, so that an upload can be tried
 * again.
 */
public interface Content {

	/**
	 * How many bytes {@link #open()} gives.
	 * @return the length in bytes
	 */
	long length();

	/**
	 * Open the bytes from their start; the caller closes the stream.
	 * @return a new stream each time
	 * @throws IOException when they cannot be read
	 */
	InputStream open() throws IOException;

	static Content of(byte[] bytes) {
		return new Content() {

			@Override
			public long length() {
				return bytes.length;
			}

			@Override
			public InputStream open() {
				return new ByteArrayInputStream(bytes);
			}

		};
	}

	/**
	 * The first bytes of a file.
	 * @param file the file
	 * @param length how many, at most its length
	 * @return the content
	 */
	static Content of(Path file, long length) {
		return new Content() {

			@Override
			public long length() {
				return length;
			}

			@Override
			public InputStream open() throws IOException {
				return new ExactInputStream(Files.newInputStream(file), length, file.toString());
			}

		};
	}

}
