package io.github.litestream4j.restore.legacy;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.wal.WalChain;
import io.github.litestream4j.wal.WalHeader;

import org.jspecify.annotations.Nullable;

/**
 * The frames of a transaction whose end has not come yet. What is more than a megabyte
 * waits in a temporary file. Not safe for use by several threads.
 */
final class PendingPages implements AutoCloseable {

	private static final int IN_MEMORY = 1 << 20;

	private final ScratchFolder scratch;

	private final int frameSize;

	private final ByteBuffer frames;

	private @Nullable ScratchFile spilled;

	PendingPages(ScratchFolder scratch, int frameSize) {
		this.scratch = scratch;
		this.frameSize = frameSize;
		this.frames = ByteBuffer.allocate(Math.max(1, IN_MEMORY / frameSize) * frameSize);
	}

	boolean isEmpty() {
		return this.frames.position() == 0 && this.spilled == null;
	}

	void add(byte[] frame) throws IOException {
		if (!this.frames.hasRemaining()) {
			ScratchFile file = this.spilled;
			if (file == null) {
				file = this.scratch.create();
				this.spilled = file;
			}
			file.append(this.frames.flip());
			this.frames.clear();
		}
		this.frames.put(frame, 0, this.frameSize);
	}

	/**
	 * Hand the pages over in the order in which they came, and forget them.
	 */
	void drain(PageConsumer consumer) throws IOException {
		try (ScratchFile file = this.spilled) {
			byte[] frame = new byte[this.frameSize];
			for (long at = 0; file != null && at < file.size(); at += this.frameSize) {
				file.read(ByteBuffer.wrap(frame), at);
				accept(consumer, frame);
			}
			this.frames.flip();
			while (this.frames.hasRemaining()) {
				this.frames.get(frame);
				accept(consumer, frame);
			}
			this.frames.clear();
		}
		finally {
			this.spilled = null;
		}
	}

	private void accept(PageConsumer consumer, byte[] frame) throws IOException {
		consumer.page(WalChain.page(frame),
				ByteBuffer.wrap(frame, WalHeader.FRAME_HEADER_SIZE, this.frameSize - WalHeader.FRAME_HEADER_SIZE));
	}

	@Override
	public void close() throws IOException {
		ScratchFile file = this.spilled;
		if (file != null) {
			file.close();
		}
	}

	/**
	 * Takes pages.
	 */
	@FunctionalInterface
	interface PageConsumer {

		void page(long number, ByteBuffer page) throws IOException;

	}

}
