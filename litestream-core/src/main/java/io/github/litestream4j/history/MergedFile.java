package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.scratch.ScratchFile;
import io.github.litestream4j.storage.Content;

/**
 * What came of a merge, in a temporary file.
 */
final class MergedFile implements MergeInput, Content, AutoCloseable {

	private final LtxHeader header;

	private final long lowestCommit;

	private final ScratchFile file;

	MergedFile(LtxHeader header, long lowestCommit, ScratchFile file) {
		this.header = header;
		this.lowestCommit = lowestCommit;
		this.file = file;
	}

	/**
	 * Read all of it and check it.
	 * @throws CorruptDataException when it is not what was written
	 */
	void verify() throws IOException {
		try (InputStream in = open(); LtxReader reader = new LtxReader(in, name())) {
			reader.readToEnd();
			if (!reader.header().equals(this.header)) {
				throw new CorruptDataException(
						name() + ": expected the header " + this.header + ", but found " + reader.header());
			}
		}
	}

	@Override
	public String name() {
		return "the temporary file of " + range();
	}

	@Override
	public LtxFileName range() {
		return new LtxFileName(this.header.min(), this.header.max());
	}

	LtxHeader header() {
		return this.header;
	}

	Instant time() {
		return Instant.ofEpochMilli(this.header.timestamp());
	}

	@Override
	public long lowestCommit(LtxHeader header) {
		return this.lowestCommit;
	}

	@Override
	public long length() {
		return this.file.size();
	}

	@Override
	public InputStream open() {
		return new ScratchInput(this.file, false);
	}

	/** Delete it. */
	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
