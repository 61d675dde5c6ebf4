package io.github.litestream4j.storage.file;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/**
 * Writes a file and syncs it as it grows. A long file would otherwise leave gigabytes to
 * be written at once, and behind them waits every other sync of the machine, those of the
 * commits too. For one thread.
 */
final class SteadyOutput extends FilterOutputStream {

	private static final int AT_ONCE = 16 << 20;

	private final FileChannel channel;

	private int unsynced;

	SteadyOutput(FileChannel channel) {
		super(Channels.newOutputStream(channel));
		this.channel = channel;
	}

	@Override
	public void write(int b) throws IOException {
		this.out.write(b);
		written(1);
	}

	@Override
	public void write(byte[] bytes, int offset, int length) throws IOException {
		this.out.write(bytes, offset, length);
		written(length);
	}

	private void written(int length) throws IOException {
		this.unsynced += length;
		if (this.unsynced >= AT_ONCE) {
			this.channel.force(false);
			this.unsynced = 0;
		}
	}

}
