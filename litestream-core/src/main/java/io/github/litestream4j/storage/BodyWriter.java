package io.github.litestream4j.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the bytes of a file whose length is not known before.
 */
@FunctionalInterface
public interface BodyWriter {

	/**
	 * Write the whole file. The stream stays open; an exception gives the file up.
	 * @param out where to write
	 * @throws IOException when reading or writing fails
	 */
	void writeTo(OutputStream out) throws IOException;

}
