package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a staged file, and tells failures of that from those of what is written.
 */
final class StagedOutput extends OutputStream {

	private final Path path;

	private final FileChannel channel;

	/**
	 * Begin a file, or begin it again.
	 * @param path the file
	 */
	StagedOutput(Path path) throws IOException {
		this.path = path;
		try {
			this.channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
					StandardOpenOption.WRITE);
		}
		catch (IOException ex) {
			throw new StagingException(path, ex);
		}
	}

	/**
	 * How much was written.
	 * @return in bytes
	 */
	long length() throws IOException {
		return this.channel.position();
	}

	void write(ByteBuffer bytes) throws IOException {
		try {
			while (bytes.hasRemaining()) {
				this.channel.write(bytes);
			}
		}
		catch (IOException ex) {
			throw new StagingException(this.path, ex);
		}
	}

	@Override
	public void write(byte[] bytes, int offset, int length) throws IOException {
		write(ByteBuffer.wrap(bytes, offset, length));
	}

	@Override
	public void write(int one) throws IOException {
		write(ByteBuffer.wrap(new byte[] { (byte) one }));
	}

	@Override
	public void close() throws IOException {
		try {
			this.channel.close();
		}
		catch (IOException ex) {
			throw new StagingException(this.path, ex);
		}
	}

}
