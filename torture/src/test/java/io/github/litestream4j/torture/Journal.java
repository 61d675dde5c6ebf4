package io.github.litestream4j.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What an application did, in a file of its own that outlives its end. The machine is not
 * lost, only the process is: what was written needs no sync.
 */
final class Journal {

	private final Path file;

	private long read;

	Journal(Path file) {
		this.file = file;
	}

	/**
	 * The whole lines that came since the last call, as words.
	 */
	List<String[]> newLines() {
		if (!Files.exists(this.file)) {
			return List.of();
		}
		try (FileChannel channel = FileChannel.open(this.file)) {
			ByteBuffer buffer = ByteBuffer.allocate((int) (channel.size() - this.read));
			int count = channel.read(buffer, this.read);
			if (count <= 0) {
				return List.of();
			}
			int end = count;
			while (end > 0 && buffer.get(end - 1) != '\n') {
				end--;
			}
			this.read += end;
			List<String[]> lines = new ArrayList<>();
			new String(buffer.array(), 0, end, StandardCharsets.UTF_8).lines()
				.forEach((line) -> lines.add(line.split(" ")));
			return lines;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The application's side. Safe for use by any thread.
	 */
	static final class Writer {

		private final FileChannel channel;

		Writer(Path file) throws IOException {
			this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		}

		void opened(Entry entry) {
			line("open " + entry);
		}

		/** Before a commit. */
		void intend(Entry entry) {
			line("intent " + entry);
		}

		/** After a commit. */
		void committed(Entry entry) {
			line("committed " + entry);
		}

		/** All entries up to a number are stored. */
		void stored(long seq) {
			line("stored " + seq);
		}

		/** Nobody writes, and all is stored. */
		void quiet(Entry entry) {
			line("quiet " + entry);
		}

		void closed(boolean stored, Entry entry) {
			line("closed " + stored + " " + entry);
		}

		void refused(String reason) {
			line("refused " + reason);
		}

		void failed(String reason) {
			line("failed " + reason);
		}

		private void line(String line) {
			ByteBuffer bytes = StandardCharsets.UTF_8.encode(line.replace('\n', '|') + "\n");
			try {
				synchronized (this) {
					this.channel.write(bytes);
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
