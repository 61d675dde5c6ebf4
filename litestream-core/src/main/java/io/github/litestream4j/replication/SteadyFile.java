package io.github.litestream4j.replication;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A local file of ours that stays open for the life of a replicator. It is no
 * {@link java.nio.channels.FileChannel}, which an interrupt of whoever reads or writes
 * just then would close for all others too. Safe for use by several threads.
 */
final class SteadyFile implements AutoCloseable {

	private final Path path;

	private final RandomAccessFile file;

	/**
	 * Open a file, and make it when it is missing.
	 * @param path the file
	 */
	SteadyFile(Path path) throws IOException {
		this.path = path;
		this.file = new RandomAccessFile(path.toFile(), "rw");
	}

	/**
	 * Read as many bytes as there is room for.
	 * @return how many there were: fewer only at the file's end
	 */
	synchronized int read(ByteBuffer into, long position) throws IOException {
		this.file.seek(position);
		int length = 0;
		while (into.hasRemaining()) {
			int read = this.file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
			if (read < 0) {
				break;
			}
			into.position(into.position() + read);
			length += read;
		}
		return length;
	}

	/**
	 * Write all bytes.
	 * @throws StagingException when that fails
	 */
	synchronized void write(ByteBuffer from, long position) throws IOException {
		try {
			this.file.seek(position);
			this.file.write(from.array(), from.arrayOffset() + from.position(), from.remaining());
			from.position(from.limit());
		}
		catch (IOException ex) {
			throw new StagingException(this.path, ex);
		}
	}

	synchronized long size() throws IOException {
		return this.file.length();
	}

	/**
	 * Cut the file back.
	 * @param size its length then, in bytes; nothing happens when it is shorter
	 */
	synchronized void truncate(long size) throws IOException {
		if (this.file.length() > size) {
			this.file.setLength(size);
		}
	}

	void force() throws IOException {
		try {
			this.file.getFD().sync();
		}
		catch (IOException ex) {
			throw new StagingException(this.path, ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
