package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalLong;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.storage.ContentComparison;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores merged files, and reads each back before it counts: what it was made of is let
 * go of on its word.
 */
final class MergeStore {

	private static final Logger logger = LoggerFactory.getLogger(MergeStore.class);

	private final ReplicaStorage storage;

	private final ContentComparison comparison;

	MergeStore(ReplicaStorage storage) {
		this.storage = storage;
		this.comparison = new ContentComparison(storage);
	}

	/**
	 * Store a file, unless the same is there already.
	 * @param key where
	 * @param merged the file
	 * @param checksum the database's checksum after it, empty when it is not known
	 * @return the file as it is stored
	 * @throws CorruptDataException when what is stored is not what was to be
	 * @throws IOException when the temporary file cannot be read
	 */
	StoredFile store(LtxKey key, MergedFile merged, OptionalLong checksum) throws IOException {
		if (!this.storage.putIfAbsent(key, merged, new FileAttributes(merged.time(), checksum))) {
			StoredFile taken = this.comparison.taken(key);
			if (this.comparison.isSame(taken, merged) || hasSamePages(taken, merged)) {
				return taken;
			}
			replace(key, merged, checksum);
		}
		StoredFile stored = new StoredFile(key, merged.length(), Instant.now());
		if (!this.comparison.isSame(stored, merged)) {
			throw new CorruptDataException(
					"%s in %s is not the %d bytes that were just stored there: it does not count, and what it was made of stays. It is stored again"
						.formatted(key, this.storage.url(), merged.length()));
		}
		return stored;
	}

	private void replace(LtxKey key, MergedFile merged, OptionalLong checksum) {
		this.storage.put(key, merged.time(), (out) -> {
			try (InputStream in = merged.open()) {
				in.transferTo(out);
			}
		});
		checksum.ifPresent((known) -> this.storage.putDatabaseChecksum(key, known));
	}

	/**
	 * Another compressor, or another time, makes other bytes of the same pages.
	 */
	private boolean hasSamePages(StoredFile stored, MergedFile merged) throws IOException {
		String name = stored.key() + " in " + this.storage.url();
		try (InputStream in = this.storage.read(stored.key(), 0, stored.size());
				LtxReader theirs = new LtxReader(in, name);
				LtxReader ours = new LtxReader(merged.open(), merged.name())) {
			if (!makeTheSame(theirs.header(), ours.header())) {
				logger.warn("{} is replaced, for its inputs give {}, but its header is {}", name, ours.header(),
						theirs.header());
				return false;
			}
			byte[] theirPage = new byte[ours.header().pageSize()];
			byte[] ourPage = new byte[ours.header().pageSize()];
			boolean same = true;
			long number = -1;
			while (same && number != 0) {
				number = ours.nextPage(ourPage);
				same = theirs.nextPage(theirPage) == number && (number == 0 || Arrays.equals(ourPage, theirPage));
			}
			if (!same) {
				logger.warn("{} is replaced, for it does not hold the pages that its inputs give", name);
			}
			return same;
		}
		catch (CorruptDataException ex) {
			logger.warn("{} is damaged, and stored anew: {}", name, ex.getMessage());
			return false;
		}
	}

	private static boolean makeTheSame(LtxHeader theirs, LtxHeader ours) {
		return theirs.pageSize() == ours.pageSize() && theirs.commit() == ours.commit()
				&& theirs.min().equals(ours.min()) && theirs.max().equals(ours.max());
	}

}
