package io.github.litestream4j.restore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Reads the header of a file without the rest.
 *
 * @param storage where the file is
 * @param settings how it is fetched
 */
record HeaderReader(ReplicaStorage storage, FetchSettings settings) {

	/**
	 * Read a header.
	 * @param file the file
	 * @param received counts what the storage delivers
	 * @return its header
	 * @throws CorruptDataException when there is none
	 */
	LtxHeader read(StoredFile file, LongAdder received) {
		Extent extent = new Extent(file, 0, Math.min(LtxHeader.SIZE, file.size()));
		try (FileFetcher fetcher = new FileFetcher(this.storage, List.of(extent).iterator(), this.settings, 1,
				received)) {
			FetchedExtent in = fetcher.next();
			if (in == null) {
				throw new IllegalStateException("one part was asked for");
			}
			return read(in, file.key() + " of " + this.storage.url());
		}
		catch (IOException ex) {
			throw new LitestreamException("Cannot read " + file.key() + " of " + this.storage.url(), ex);
		}
	}

	/**
	 * Read the header that a stream begins with.
	 * @param in the stream
	 * @param name what messages call the file
	 * @return the header
	 * @throws CorruptDataException when there is none
	 */
	static LtxHeader read(InputStream in, String name) throws IOException {
		return LtxHeader.decode(ByteBuffer.wrap(in.readNBytes(LtxHeader.SIZE)), name);
	}

}
