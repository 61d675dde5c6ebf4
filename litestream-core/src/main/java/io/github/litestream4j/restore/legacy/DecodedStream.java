package io.github.litestream4j.restore.legacy;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.Lz4Stream;
import io.github.litestream4j.storage.LegacyFile;

/**
 * What a stored file holds, decompressed. Whatever is wrong with its bytes is said with
 * its name.
 */
final class DecodedStream extends FilterInputStream {

	private static final byte[] ENCRYPTED = "age-encryption.org/".getBytes(StandardCharsets.US_ASCII);

	private final LegacyFile file;

	private final String url;

	private DecodedStream(InputStream in, LegacyFile file, String url) {
		super(in);
		this.file = file;
		this.url = url;
	}

	/**
	 * Begin.
	 * @param stored the stored bytes, closed with the result or with an exception; its
	 * failures are {@link LitestreamException}s
	 * @param file what it is
	 * @param url the replica's
	 */
	static DecodedStream of(InputStream stored, LegacyFile file, String url) throws IOException {
		InputStream buffered = new BufferedInputStream(stored, 1 << 16);
		try {
			buffered.mark(ENCRYPTED.length);
			if (Arrays.equals(buffered.readNBytes(ENCRYPTED.length), ENCRYPTED)) {
				throw new ConfigurationException(
						"%s in %s is encrypted with age, which is not read here: restore it with Litestream 0.3 and its key, and start with the restored file."
							.formatted(file, url));
			}
			buffered.reset();
			return new DecodedStream(Lz4Stream.of(buffered), file, url);
		}
		catch (LitestreamException ex) {
			buffered.close();
			throw ex;
		}
		catch (IOException | RuntimeException ex) {
			buffered.close();
			throw damaged(file, url, ex);
		}
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] buffer, int offset, int count) throws IOException {
		try {
			return super.read(buffer, offset, count);
		}
		catch (LitestreamException ex) {
			throw ex;
		}
		catch (IOException | RuntimeException ex) {
			// The decoder has exceptions of both kinds for bytes that are no frame
			throw damaged(this.file, this.url, ex);
		}
	}

	private static CorruptDataException damaged(LegacyFile file, String url, Exception cause) {
		return new CorruptDataException(
				"%s in %s is damaged: expected LZ4 frames of %d bytes in all, found: %s. Restore to a time before %s."
					.formatted(file, url, file.size(), cause.getMessage(), file.lastModified()),
				cause);
	}

}
